import { type Result, err } from "../types/index.ts";
import { type Answer, textAnswer } from "./answer.ts";
import type { HttpRequest } from "./httpRequest.ts";

/** dfinity/ic, rs/config/src/http_handler.rs: max_request_size_bytes. */
export const BODY_BYTES_MAX = 5 * 1024 * 1024;

/** What was not read of the body stays on the connection, so it cannot carry another request. */
const REFUSED: Readonly<Record<"tooLarge" | "broken", Answer>> = {
  tooLarge: textAnswer(413, `The request body is larger than ${BODY_BYTES_MAX} bytes.`, { connection: "close" }),
  broken: textAnswer(400, "The request body could not be read.", { connection: "close" }),
};

/** The body of a request, at most 5 MiB; 413 without reading when its announced length is more. */
export async function readRequestBody(request: HttpRequest): Promise<Result<Uint8Array, Answer>> {
  const body = await request.read(BODY_BYTES_MAX);
  return body.ok ? body : err(REFUSED[body.error]);
}
