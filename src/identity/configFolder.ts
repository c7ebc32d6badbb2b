import { homedir } from "node:os";
import { join } from "node:path";

/** The user's folder for icx: `$ICX_HOME`, or where the system keeps settings. */
export function configFolder(env: Readonly<Record<string, string | undefined>>): string {
  if (env["ICX_HOME"] !== undefined && env["ICX_HOME"] !== "") return env["ICX_HOME"];
  const home = env["HOME"] ?? env["USERPROFILE"] ?? homedir();
  if (process.platform === "win32") return join(env["APPDATA"] ?? join(home, "AppData", "Roaming"), "icx");
  if (process.platform === "darwin") return join(home, "Library", "Application Support", "icx");
  return join(env["XDG_CONFIG_HOME"] ?? join(home, ".config"), "icx");
}
