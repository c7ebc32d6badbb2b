import { existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import type { Check } from "./check.ts";

const MIB = 1_048_576, FREE_MIN_MIB = 200;

/** Space where the local network's state is, or will be. */
export const disk: Check = {
  name: "disk",
  async run({ place }) {
    let folder = place.folder;
    while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
    const { bavail, bsize } = await statfs(folder), free = Math.floor((bavail * bsize) / MIB);
    const detail = `${free >= 10_240 ? `${Math.floor(free / 1_024)} GiB` : `${free} MiB`} free for ${place.folder}`;
    return free >= FREE_MIN_MIB ? { state: "ok", detail } : { state: "failed", detail, remedy: "Make space: a network that cannot write its state stops." };
  },
};
