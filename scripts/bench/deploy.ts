import { newProject } from "./cliProject.ts";
import { type BenchPart, median, timed } from "./row.ts";

/** `icx deploy` of the `motoko` template: compiled, created and installed, then unchanged. Baseline: the build alone. */
export const part: BenchPart = {
  ids: ["deploy.cold.ms", "deploy.warm.ms"],
  async run() {
    using project = newProject();
    project.icx("start", "--background");
    try {
      const cold = await timed(() => project.icx("deploy"));
      const warm: number[] = [];
      for (let i = 0; i < 5; i++) warm.push(await timed(() => project.icx("deploy")));
      const build = await timed(() => project.icx("build"));
      return [
        { id: "deploy.cold.ms", value: cold, unit: "ms", note: "first deploy of a new project, the Motoko compiler included" },
        { id: "deploy.warm.ms", value: median(warm), unit: "ms", baseline: build, ratio: median(warm) / build, note: "nothing changed; baseline: icx build, cached" },
      ];
    } finally { project.icx("stop"); }
  },
};
