import { type Result, err, ok } from "../types/index.ts";
import type { PlainRequest, RemoteSubnet } from "../interfaces/subnet.ts";
import { NODE_HEADER } from "./addressedNode.ts";
import type { Answer } from "./answer.ts";
import { withCors } from "./crossOrigin.ts";
import type { HttpRequest } from "./httpRequest.ts";
import { readRequestBody } from "./requestBody.ts";

/** What the endpoints read of a request's head. */
const HEADERS = ["content-type", NODE_HEADER];

/** Lets a subnet of another thread answer a request: bytes there, bytes back. */
export async function passOn(subnet: RemoteSubnet, request: HttpRequest, owner: boolean): Promise<Answer> {
  const body = request.method === "GET" || request.method === "HEAD" ? ok(new Uint8Array()) : await readRequestBody(request);
  if (!body.ok) return withCors(body.error);
  const headers = Object.fromEntries(HEADERS.flatMap((name) => { const value = request.header(name); return value === undefined ? [] : [[name, value] as const]; }));
  return subnet.answer({ method: request.method, url: request.url.href, headers, body: body.value, owner });
}

/** The same request in the thread that it was passed to. */
export function requestFromPlain({ method, url, headers, body }: PlainRequest): HttpRequest {
  const read = (bytesMax: number): Promise<Result<Uint8Array, "tooLarge" | "broken">> => Promise.resolve(body.length > bytesMax ? err("tooLarge") : ok(body));
  return { method, url: new URL(url), header: (name) => headers[name], read };
}
