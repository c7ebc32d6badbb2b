import { type Result, err, ok } from "../types/index.ts";
import { type Answer, textAnswer } from "./answer.ts";

/** dfinity/ic, rs/config/src/http_handler.rs: max_request_size_bytes. */
export const BODY_BYTES_MAX = 5 * 1024 * 1024;

/** The rest of the body is not read, so the connection cannot carry another request. */
const tooLarge: Answer = textAnswer(413, `The request body is larger than ${BODY_BYTES_MAX} bytes.`, { connection: "close" });

/** Chunks from a sender who does not say how many: stops at the limit. */
async function readChunks(stream: ReadableStream<Uint8Array>): Promise<Uint8Array | undefined> {
  const reader = stream.getReader(), chunks: Uint8Array[] = [];
  for (let length = 0; ;) {
    const { done, value } = await reader.read();
    if (done) return new Uint8Array(Buffer.concat(chunks));
    length += value.length;
    if (length > BODY_BYTES_MAX) { await reader.cancel(); return undefined; }
    chunks.push(value);
  }
}

/** The body of a request, at most 5 MiB; 413 without reading when its announced length is more. */
export async function readRequestBody(request: globalThis.Request): Promise<Result<Uint8Array, Answer>> {
  const announced = request.headers.get("content-length");
  if (announced !== null && Number(announced) > BODY_BYTES_MAX) return err(tooLarge);
  try {
    const chunked = announced === null && request.headers.get("transfer-encoding") !== null && request.body !== null;
    const body = chunked ? await readChunks(request.body!) : new Uint8Array(await request.arrayBuffer());
    return body === undefined || body.length > BODY_BYTES_MAX ? err(tooLarge) : ok(body);
  } catch {
    return err(textAnswer(400, "The request body could not be read.", { connection: "close" }));
  }
}
