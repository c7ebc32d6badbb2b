import { accessSync, constants, existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { sharedCacheFolder, sharedCacheSize } from "../../build/sharedCache.ts";
import type { Check } from "./check.ts";

const MIB = 1_048_576;

/** Compiled modules that all projects of the user share. */
export const cache: Check = {
  name: "cache",
  async run({ context: { io } }) {
    const named = sharedCacheFolder(io.env);
    if (named === undefined) return { state: "absent", detail: "switched off by ICX_CACHE: each project keeps its own modules" };
    const folder = resolve(io.cwd, named), { modules, bytes } = sharedCacheSize(folder);
    let place = folder;
    while (!existsSync(place) && dirname(place) !== place) place = dirname(place);
    try { accessSync(place, constants.W_OK); } catch { return { state: "absent", detail: `${folder} cannot be written: each project keeps its own modules` }; }
    return { state: "ok", detail: `${modules} compiled ${modules === 1 ? "module" : "modules"}, ${(bytes / MIB).toFixed(1)} MiB, in ${folder}` };
  },
};
