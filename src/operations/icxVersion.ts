import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The version in the package.json of an installation. */
export const icxVersion = (installation: string): string => (JSON.parse(readFileSync(join(installation, "package.json"), "utf8")) as { readonly version: string }).version;
