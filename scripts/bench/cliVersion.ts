import { execFileSync } from "node:child_process";
import { type BenchPart, median, timed } from "./row.ts";

/** A cold `icx --version`, launcher included, against the bare start of the same Node. */
export const part: BenchPart = {
  ids: ["cli.version.ms"],
  async run() {
    const repeat = async (args: readonly string[]): Promise<number> => {
      const times: number[] = [];
      for (let i = 0; i < 15; i++) times.push(await timed(() => execFileSync(process.execPath, args, { stdio: "pipe" })));
      return median(times);
    };
    const baseline = await repeat(["-e", "0"]);
    const value = await repeat(["bin/icx.js", "--version"]);
    return [{ id: "cli.version.ms", value, unit: "ms", baseline, ratio: value / baseline, target: 150, note: "baseline: node -e 0" }];
  },
};
