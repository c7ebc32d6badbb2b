import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

type Env = Readonly<Record<string, string | undefined>>;

/** A folder that a variable names. One that is empty or relative counts as absent (XDG Base Directory Specification, "Basics"). */
const named = (value: string | undefined): string | undefined => (value !== undefined && isAbsolute(value) ? value : undefined);

/** The user's home: what the environment says, else what the system says. */
export const homeFolder = ({ HOME, USERPROFILE }: Env): string => named(HOME) ?? named(USERPROFILE) ?? homedir();

/** Where the system keeps settings of programs. */
export function settingsFolder(env: Env): string {
  if (process.platform === "win32") return named(env["APPDATA"]) ?? join(homeFolder(env), "AppData", "Roaming");
  if (process.platform === "darwin") return join(homeFolder(env), "Library", "Application Support");
  return named(env["XDG_CONFIG_HOME"]) ?? join(homeFolder(env), ".config");
}

/** Where the system keeps what programs can make again. */
export function systemCacheFolder(env: Env): string {
  if (process.platform === "win32") return named(env["LOCALAPPDATA"]) ?? join(homeFolder(env), "AppData", "Local");
  if (process.platform === "darwin") return join(homeFolder(env), "Library", "Caches");
  return named(env["XDG_CACHE_HOME"]) ?? join(homeFolder(env), ".cache");
}
