import type { Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ListeningAddress } from "../interfaces/network.ts";
import { type Answer, textAnswer } from "./answer.ts";
import type { HttpFunction } from "./createHttpInterface.ts";
import { isAllowedHost } from "./hostNames.ts";
import { requestFromSocket } from "./httpRequest.ts";

export interface SocketOptions { readonly host?: string; readonly port?: number; /** Host names accepted besides the loopback ones. */ readonly allowHosts?: readonly string[] }

/** Not imported: that reads every export, and one of them loads Node's whole HTTP client, for 80 ms of a start. */
const { createServer } = process.getBuiltinModule("node:http");
const DEFAULT_HOST = "127.0.0.1";
/** Longer than clients and proxies keep an idle connection, so that they close first and no request meets a closing socket. */
const KEEP_ALIVE_MS = 75_000;

/** Up to here a body leaves in one piece with its headers, which Node does for strings alone: one write instead of a gathered one. */
const TOGETHER_BYTES = 8192;

function send(outgoing: ServerResponse, { status, headers, body }: Answer): void {
  if (outgoing.destroyed) return;
  outgoing.writeHead(status, { ...headers, "content-length": typeof body === "string" ? Buffer.byteLength(body) : (body?.length ?? 0) });
  if (body instanceof Uint8Array && body.length <= TOGETHER_BYTES) outgoing.end(Buffer.from(body.buffer, body.byteOffset, body.length).toString("latin1"), "latin1");
  else outgoing.end(body ?? undefined);
}

/**
 * Puts a socket before the interface. Port 0 takes a free one. Rejects with the system's code (`EADDRINUSE`, `EACCES`). `close` ends
 * idle keep-alive connections at once and gives requests under way one second.
 */
export function listen(http: HttpFunction, options: SocketOptions = {}): Promise<ListeningAddress> {
  const host = options.host ?? DEFAULT_HOST, allowed = options.allowHosts ?? [];
  const server = createServer((incoming, outgoing) => {
    const answered = (answer: Answer): void => { send(outgoing, answer); };
    const request = requestFromSocket(incoming);
    if (!isAllowedHost(incoming.headers.host, allowed)) answered(textAnswer(403, "The Host header does not name this network. `icx start --allow-host NAME` accepts a name."));
    else if (request === undefined) answered(textAnswer(400, "The request target is not a path."));
    else void http.answer(request).then(answered);
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, host, () => {
      server.off("error", reject);
      const { port } = server.address() as AddressInfo;
      const name = host.includes(":") ? `[${host}]` : host === "0.0.0.0" || host === "::" ? "localhost" : host;
      resolve({ url: `http://${name}:${port}`, host, port, close: () => close(server) });
    });
  });
}

const CLOSING_MS = 1000;
function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => server.closeAllConnections(), CLOSING_MS);
    server.close(() => { clearTimeout(force); resolve(); });
    server.closeIdleConnections();
  });
}
