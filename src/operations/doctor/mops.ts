import { existsSync } from "node:fs";
import { join } from "node:path";
import { askProgram, type Check } from "./check.ts";

/** Motoko's package manager: needed to fetch packages, not to build with those that are there. */
export const mops: Check = {
  name: "mops",
  async run(ground) {
    const version = await askProgram(ground, "mops", ["--version"]), { project } = ground;
    if (version !== undefined) return { state: "ok", detail: version };
    const fetched = project === undefined || !existsSync(join(project.root, "mops.toml")) || Object.values(project.motoko.packages).every((folder) => existsSync(folder));
    return fetched ? { state: "absent", detail: "needed to add Motoko packages: `npm install --global ic-mops`" } : { state: "failed", detail: "packages of mops.toml have not been fetched", remedy: "Install it with `npm install --global ic-mops`, then run `mops install`." };
  },
};
