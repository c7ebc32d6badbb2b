import { readFileSync } from "node:fs";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";

/** A file as text, without the mark that some editors begin it with. @throws IcxError ICX1010 */
export const readText = (file: string): string => readBytes(file).toString("utf8").replace(/^\uFEFF/, "");

/** A file as bytes. @throws IcxError ICX1010 */
export function readBytes(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new IcxError(ERRORS.project.unreadableFile, { file, reason: (cause as NodeJS.ErrnoException).code ?? String(cause) }, { cause });
  }
}
