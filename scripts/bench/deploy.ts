import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { newProject } from "./cliProject.ts";
import { type BenchPart, median, timed } from "./row.ts";

const NAMES = ["counter", "second", "third"];
const manifest = (names: readonly string[]): string => `canisters:\n${names.map((name) => `  - { name: ${name}, recipe: { type: "@dfinity/motoko", configuration: { main: src/${name}/main.mo } } }\n`).join("")}`;

/** `icx deploy` of the `motoko` template: compiled by the compiler that comes with icx, created and installed; then of three canisters of which none has changed. Baseline: the build alone. */
export const part: BenchPart = {
  ids: ["deploy.cold.ms", "deploy.warm.ms"],
  async run() {
    using project = newProject();
    project.icx("start", "--background");
    try {
      const cold = await timed(() => project.icx("deploy"));
      for (const name of NAMES.slice(1)) cpSync(join(project.directory, "src", "counter"), join(project.directory, "src", name), { recursive: true });
      writeFileSync(join(project.directory, "icp.yaml"), manifest(NAMES));
      project.icx("deploy");
      const warm: number[] = [], build: number[] = [];
      for (let i = 0; i < 7; i++) {
        let told = "";
        warm.push(await timed(() => { told = project.icx("deploy", "--json"); }));
        const { canisters } = JSON.parse(told) as { readonly canisters: readonly { readonly action: string; readonly configured: boolean }[] };
        if (canisters.length !== NAMES.length || canisters.some(({ action, configured }) => action !== "unchanged" || configured)) warm.push(NaN);
        build.push(await timed(() => project.icx("build")));
      }
      const value = warm.some(Number.isNaN) ? undefined : median(warm), baseline = median(build);
      return [
        { id: "deploy.cold.ms", value: cold, unit: "ms", target: 4_000, note: "first deploy of the motoko template, the compiler that comes with icx included" },
        { id: "deploy.warm.ms", value, unit: "ms", baseline, target: 500, ...(value === undefined ? {} : { ratio: value / baseline }), note: "three canisters, nothing changed; baseline: icx build, cached" },
      ];
    } finally { project.icx("stop"); }
  },
};
