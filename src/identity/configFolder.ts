import { join } from "node:path";
import { settingsFolder } from "../context/userFolders.ts";

/** The user's folder for icx: `$ICX_HOME`, or where the system keeps settings. */
export function configFolder(env: Readonly<Record<string, string | undefined>>): string {
  return env["ICX_HOME"] !== undefined && env["ICX_HOME"] !== "" ? env["ICX_HOME"] : join(settingsFolder(env), "icx");
}
