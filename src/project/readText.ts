import { readFileSync } from "node:fs";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";

/** A file as text. @throws IcxError ICX1010 */
export function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new IcxError(ERRORS.project.unreadableFile, { file, reason: (cause as NodeJS.ErrnoException).code ?? String(cause) }, { cause });
  }
}
