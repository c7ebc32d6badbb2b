import { hash, timingSafeEqual } from "node:crypto";
import { principalToText } from "../types/index.ts";
import type { RequestValidator } from "../interfaces/ingress.ts";
import type { NetworkView } from "../interfaces/subnet.ts";
import { type Answer, jsonAnswer, textAnswer } from "./answer.ts";
import type { HttpRequest } from "./httpRequest.ts";
import { readRequestBody } from "./requestBody.ts";

/** One thing that the admin of a local network may ask, at `/_icx/<path>`. */
export interface AdminRow {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly summary: string;
  respond(network: NetworkView, body: Uint8Array, url: URL): Answer | Promise<Answer>;
}
export interface AdminDoor {
  /** What a request must carry; undefined: whoever calls is the owner. */
  readonly token: string | undefined;
  readonly rows: readonly AdminRow[];
  /** Judges the requests of the owner to the public interface; absent: as those of everybody. */
  readonly validator?: RequestValidator;
}
export const ADMIN_PREFIX = "/_icx/";

/** `GET /_icx/status`: what runs here. */
export const adminStatus: AdminRow = {
  method: "GET", path: "status", summary: "The subnets, their heights and their health",
  respond: (network) => jsonAnswer(200, {
    rootKey: Buffer.from(network.rootKey).toString("hex"),
    pid: process.pid,
    subnets: network.subnets.map((subnet) => ({
      id: principalToText(subnet.subnetId), type: subnet.type, node: principalToText(subnet.nodeId), health: subnet.health, certifiedHeight: subnet.certifiedHeight,
    })),
  }),
};
/** `POST /_icx/stop`: answers first; what `stop` does is the caller's business. */
export const adminStop = (stop: () => void): AdminRow => ({
  method: "POST", path: "stop", summary: "Stop the network",
  respond: () => { setImmediate(stop); return jsonAnswer(202, { stopping: true }); },
});

/** Compares digests, so that time tells nothing about the token. */
function holdsToken(request: HttpRequest, token: string): boolean {
  const given = /^Bearer (.+)$/i.exec(request.header("authorization") ?? "")?.[1] ?? "";
  return timingSafeEqual(hash("sha256", given, "buffer"), hash("sha256", token, "buffer"));
}

/** Whether a request to the public interface comes from the network's owner. */
export const isOwner = (door: AdminDoor | undefined, request: HttpRequest): door is AdminDoor =>
  door !== undefined && door.token !== "" && request.header("origin") === undefined && (door.token === undefined || (request.header("authorization") !== undefined && holdsToken(request, door.token)));

/** Answers below `/_icx/`. Browsers are turned away whatever they hold: a page that names an origin never needs this door. */
export async function answerAdmin(door: AdminDoor | undefined, network: NetworkView, request: HttpRequest): Promise<Answer> {
  const { url } = request;
  if (request.header("origin") !== undefined) return textAnswer(403, "The admin door does not answer requests from web pages.");
  if (door === undefined || door.token === "") return textAnswer(404, "Not found");
  if (!isOwner(door, request)) return textAnswer(401, "The admin door needs the network's token.", { "www-authenticate": "Bearer" });
  const here = door.rows.filter((row) => row.path === url.pathname.slice(ADMIN_PREFIX.length));
  if (here.length === 0) return textAnswer(404, "Not found");
  const row = here.find((candidate) => candidate.method === request.method);
  if (row === undefined) return textAnswer(405, "Method not allowed", { allow: here.map(({ method }) => method).join(", ") });
  const body = await readRequestBody(request);
  return body.ok ? row.respond(network, body.value, url) : body.error;
}
