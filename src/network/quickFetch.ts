import type { IncomingMessage } from "node:http";

/** Not imported: that reads every export, and one of them loads the whole client of `fetch`, which this is here to spare. */
const http = (): typeof import("node:http") => process.getBuiltinModule("node:http");

/**
 * `fetch` for networks on this machine: plain HTTP by Node's own client, some 70 ms sooner in a fresh process than the global one. Understands what agents ask: a method, headers, a body of
 * bytes, a signal; follows no redirect. The answer has what they read: status, headers, `arrayBuffer()`, `text()`, `json()`.
 */
export const quickFetch: typeof globalThis.fetch = (input, init) => send(String(input), init ?? {}, true);

const send = (url: string, init: RequestInit, again: boolean): Promise<Response> => new Promise((resolve, reject) => {
  const request = http().request(url, { method: init.method ?? "GET", headers: Object.fromEntries(headersOf(init.headers)), ...(init.signal && { signal: init.signal }) });
  request.once("error", (cause: NodeJS.ErrnoException) => {
    // The other side had closed a connection that was kept: requests of the interface may be sent twice, they carry their id.
    if (again && request.reusedSocket && cause.code === "ECONNRESET") resolve(send(url, init, false));
    else reject(new TypeError("fetch failed", { cause }));
  });
  request.once("response", (incoming: IncomingMessage) => resolve(answer(url, incoming)));
  request.end(init.body as Uint8Array | string | undefined);
});

const headersOf = (given: RequestInit["headers"]): Iterable<readonly [string, string]> =>
  (given === undefined ? [] : Symbol.iterator in given ? given as Iterable<readonly [string, string]> : Object.entries(given as Readonly<Record<string, string>>));

function answer(url: string, incoming: IncomingMessage): Response {
  let body: Promise<Buffer> | undefined;
  const read = (): Promise<Buffer> => body ??= new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk)).once("end", () => resolve(Buffer.concat(chunks))).once("error", reject);
  });
  const status = incoming.statusCode ?? 0, headers = new Map(Object.entries(incoming.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value ?? ""]));
  const response = {
    status, ok: status >= 200 && status < 300, statusText: incoming.statusMessage ?? "", url, redirected: false,
    headers: { get: (name: string) => headers.get(name.toLowerCase()) ?? null, forEach: (visit: (value: string, name: string) => void) => { headers.forEach((value, name) => visit(value, name)); }, [Symbol.iterator]: () => headers.entries() },
    async arrayBuffer() { const bytes = await read(); return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength); },
    text: async () => (await read()).toString("utf8"), json: async () => JSON.parse((await read()).toString("utf8")) as unknown, clone: () => response,
  };
  return response as unknown as Response;
}
