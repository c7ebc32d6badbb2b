import { NANOSECONDS_PER_SECOND, type NodeId, type Result, type Time, ok, time } from "../types/index.ts";
import type { RequestValidator } from "../interfaces/ingress.ts";
import type { Log, Timers } from "../interfaces/runtime.ts";
import { inForeground } from "../runtime/foreground.ts";
import type { HttpInterface, NetworkView } from "../interfaces/subnet.ts";
import { NODE_HEADER, throughNode } from "./addressedNode.ts";
import { ADMIN_PREFIX, type AdminDoor, answerAdmin, isOwner } from "./adminDoor.ts";
import { type Answer, responseFrom, textAnswer } from "./answer.ts";
import { preflightAnswer, withCors } from "./crossOrigin.ts";
import type { ApiVersion, Endpoint, EndpointContext } from "./defineEndpoint.ts";
import { ENDPOINTS } from "./endpointList.ts";
import { type HttpRequest, requestFromWeb } from "./httpRequest.ts";
import type { PageSource } from "./page/pageFacts.ts";
import { passOn } from "./passOn.ts";
import { readRequestBody } from "./requestBody.ts";
import { subnetElsewhere } from "./route.ts";
import { verifyAhead } from "./verifyAhead.ts";
import { rootPage } from "./rootPage.ts";

export interface HttpOptions {
  readonly validator: RequestValidator;
  readonly timers: Timers;
  /** Undefined: there is no admin door. */
  readonly admin?: AdminDoor;
  /** What the page at `/` shows; undefined: a few lines. */
  readonly page?: PageSource;
  /** dfinity/ic, ingress_message_certificate_timeout_seconds: 10 s. */
  readonly callTimeout?: Time;
  readonly implementation?: { readonly name: string; readonly version: string };
  /** Told when a room broke an invariant while it answered; the client gets 500. */
  readonly onFault?: (error: unknown) => void;
  readonly log?: Log;
}
/** The public interface: a function from `Request` to `Response`; `answer` is the same without the web's classes, for sockets. */
export type HttpFunction = HttpInterface & { readonly answer: (request: HttpRequest) => Promise<Answer> };

const CALL_TIMEOUT = time(10n * NANOSECONDS_PER_SECOND);
const notFound = textAnswer(404, "Not found");

/** `v3/canister/call` → endpoint: a lookup for each request, made from the rows. */
function routes(): ReadonlyMap<string, Endpoint> {
  return new Map(ENDPOINTS.flatMap((endpoint) => endpoint.versions.map((version) => [`${version}/${endpoint.path.replace("/:id", "")}`, endpoint] as const)));
}

/** Interface spec, "HTTPS Interface". Knows subnets only through their views; judges no request itself. */
export function createHttpInterface(network: NetworkView, options: HttpOptions): HttpFunction {
  const table = routes();
  const context: EndpointContext = {
    network, validator: options.validator, timers: options.timers, callTimeout: options.callTimeout ?? CALL_TIMEOUT, waiting: new Map(),
    implementation: options.implementation ?? { name: "icx", version: "0.1.0" },
    ...(options.log && { log: options.log }),
  };

  /** Those who wait at one node and those who wait at all are told apart: each node has its own answer. */
  const addressed = new Map<NodeId, EndpointContext>();
  function contextOf(request: HttpRequest): Result<EndpointContext, Answer> {
    const id = request.header(NODE_HEADER);
    if (id === undefined) return ok(context);
    const through = throughNode(network, id);
    if (!through.ok) return through;
    const { nodeId } = through.value.defaultSubnet, own = { ...context, network: through.value, waiting: addressed.get(nodeId)?.waiting ?? new Map() };
    addressed.set(nodeId, own);
    return ok(own);
  }

  async function answerApi(request: HttpRequest, pathname: string): Promise<Answer> {
    if (request.method === "OPTIONS") return preflightAnswer;
    // ["", "api", "v4", "canister", "<id>", "call"] or ["", "api", "v2", "status"]
    const [, , version, scope, id, verb, ...rest] = pathname.split("/");
    const endpoint = rest.length > 0 ? undefined : table.get(id === undefined ? `${version}/${scope}` : `${version}/${scope}/${verb}`);
    if (endpoint === undefined) return withCors(notFound);
    if (request.method !== endpoint.method && !(request.method === "HEAD" && endpoint.method === "GET")) {
      return withCors(textAnswer(405, "Method not allowed", { allow: endpoint.method === "GET" ? "GET, HEAD" : "POST" }));
    }
    const remote = subnetElsewhere(network, scope, id, request.header(NODE_HEADER));
    if (remote !== undefined) return passOn(remote, request, isOwner(options.admin, request));
    const found = contextOf(request);
    if (!found.ok) return withCors(found.error);
    const asking = found.value;
    if (endpoint.method === "GET") return withCors(await endpoint.respond(asking, { version: version as ApiVersion, id: "", body: new Uint8Array() }));
    if (request.header("content-type")?.toLowerCase() !== "application/cbor") return withCors(textAnswer(400, "Unexpected content-type, expected application/cbor."));
    const body = await readRequestBody(request);
    if (!body.ok) return withCors(body.error);
    const owners = options.admin?.validator, asked = owners !== undefined && isOwner(options.admin, request) ? { ...asking, validator: owners } : asking, ahead = verifyAhead(asked.validator, body.value);
    if (ahead !== undefined) await ahead;
    const respond = (): Answer | Promise<Answer> => endpoint.respond(asked, { version: version as ApiVersion, id: id ?? "", body: body.value });
    return withCors(await (endpoint.foreground === true ? inForeground(respond) : respond()));
  }

  async function answer(request: HttpRequest): Promise<Answer> {
    const { pathname } = request.url;
    if (pathname.startsWith("/api/")) return answerApi(request, pathname);
    if (pathname.startsWith(ADMIN_PREFIX)) return answerAdmin(options.admin, network, request);
    if (pathname !== "/") return withCors(notFound);
    if (request.method === "OPTIONS") return preflightAnswer;
    return request.method === "GET" || request.method === "HEAD" ? await rootPage(network, context.implementation, request, options.page) : withCors(textAnswer(405, "Method not allowed", { allow: "GET, HEAD" }));
  }
  const bodyless = (request: HttpRequest, given: Answer): Answer => (request.method === "HEAD" ? { ...given, body: null } : given);
  const answered = async (request: HttpRequest): Promise<Answer> => {
    try {
      return bodyless(request, await answer(request));
    } catch (error) {
      options.onFault?.(error);
      return withCors(textAnswer(500, "Internal error"));
    }
  };
  return Object.assign(async (request: globalThis.Request) => responseFrom(await answered(requestFromWeb(request))), { answer: answered });
}
