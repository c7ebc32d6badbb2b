import { existsSync, readFileSync } from "node:fs";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";

/** A file that the manifest names. @throws IcxError ICX4002 */
export function readSource(file: string, name: string, manifest: string): Buffer {
  if (!existsSync(file)) throw new IcxError(ERRORS.build.missingSource, { file, name, manifest });
  return readFileSync(file);
}
