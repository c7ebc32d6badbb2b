import type { IncomingMessage } from "node:http";
import { type Result, createCache, err, ok } from "../types/index.ts";

/** What the interface reads of a request, whether it came as the web's `Request` or over a socket. */
export interface HttpRequest {
  readonly method: string;
  /** Absolute; whose name it was sent to matters to nobody. Shared between requests: to be read only. */
  readonly url: URL;
  /** The value of a header, by its name in lower case. */
  header(name: string): string | undefined;
  /** The whole body, or why there is none: it is longer than `bytesMax` (and was not read further), or the sender went away. */
  read(bytesMax: number): Promise<Result<Uint8Array, "tooLarge" | "broken">>;
}

export function requestFromWeb(request: globalThis.Request): HttpRequest {
  const header = (name: string): string | undefined => request.headers.get(name) ?? undefined;
  return {
    method: request.method, url: new URL(request.url), header,
    async read(bytesMax) {
      if (Number(header("content-length") ?? 0) > bytesMax) return err("tooLarge");
      const chunks: Uint8Array[] = [];
      let length = 0;
      try {
        for await (const chunk of request.body ?? []) {
          length += chunk.length;
          if (length > bytesMax) return err("tooLarge");
          chunks.push(chunk);
        }
      } catch { return err("broken"); }
      return ok(new Uint8Array(Buffer.concat(chunks)));
    },
  };
}

/** Requests of a client go to the same few targets. */
const TARGETS_KEPT = 256, TARGET_CHARACTERS_KEPT = 200;
const urls = createCache<URL>(TARGETS_KEPT);
function urlOf(target: string): URL | undefined {
  const known = urls.peek(target);
  if (known !== undefined) return known;
  const absolute = target.startsWith("/") ? `http://localhost${target}` : target;
  if (!/^https?:\/\//i.test(absolute) || !URL.canParse(absolute)) return undefined;
  const url = new URL(absolute);
  if (target.length <= TARGET_CHARACTERS_KEPT) urls.set(target, url);
  return url;
}

/** A request as it comes from a socket; undefined when its target is no path. */
export function requestFromSocket(incoming: IncomingMessage): HttpRequest | undefined {
  const url = urlOf(incoming.url ?? "");
  if (url === undefined) return undefined;
  const header = (name: string): string | undefined => { const value = incoming.headers[name]; return typeof value === "string" ? value : value?.join(", "); };
  return {
    method: incoming.method ?? "", url, header,
    read(bytesMax) {
      if (Number(header("content-length") ?? 0) > bytesMax) return Promise.resolve(err("tooLarge"));
      if (incoming.destroyed) return Promise.resolve(err("broken"));
      return new Promise((resolve) => {
        const chunks: Uint8Array[] = [];
        let length = 0;
        incoming.on("data", (chunk: Buffer) => {
          length += chunk.length;
          if (length <= bytesMax) { chunks.push(chunk); return; }
          incoming.pause();
          resolve(err("tooLarge"));
        });
        incoming.once("end", () => { resolve(ok(new Uint8Array(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, length)))); });
        for (const event of ["error", "close"]) incoming.once(event, () => { resolve(err("broken")); });
      });
    },
  };
}
