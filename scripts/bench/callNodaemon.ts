import { type CliProject, newProject } from "./cliProject.ts";
import { type BenchPart, median, timed } from "./row.ts";

const CALLS = 9;

/** Milliseconds of each update call, the whole process; undefined when a counter was wrong. */
async function callTimes(project: CliProject, from: number): Promise<readonly number[] | undefined> {
  const times: number[] = [];
  for (let i = 1; i <= CALLS; i++) {
    let told = "";
    times.push(await timed(() => { told = project.icx("canister", "call", "counter", "increment", "(1)"); }));
    if (told.trim() !== `(${from + i} : nat)`) return undefined;
  }
  return times;
}

/** An update call with no network running: the state is opened, the answer's certificate verified, the state saved and closed. Baseline: the same while the network runs. */
export const part: BenchPart = {
  ids: ["call.nodaemon.ms"],
  async run() {
    using project = newProject();
    project.icx("deploy");
    const alone = await callTimes(project, 0);
    project.icx("start", "--background");
    try {
      const served = await callTimes(project, CALLS), value = alone && median(alone), baseline = served && median(served);
      return [{
        id: "call.nodaemon.ms", value: baseline === undefined ? undefined : value, unit: "ms", target: 700, ...(value !== undefined && baseline !== undefined && { baseline, ratio: value / baseline }),
        note: "icx canister call, no network running; baseline: with one",
      }];
    } finally { project.icx("stop"); }
  },
};
