import { createServer } from "node:net";
import { type CliProject, newProject } from "./cliProject.ts";
import { type BenchPart, median, timed } from "./row.ts";

const STARTS = 9;
/** How often a closed port is tried: connecting to one costs some 0.1 ms. */
const ASK_EVERY_MS = 2;

const freePort = (): Promise<number> => new Promise((resolve) => {
  const server = createServer().listen(0, "127.0.0.1", () => { const { port } = server.address() as { port: number }; server.close(() => resolve(port)); });
});
const isHealthy = async (port: number): Promise<boolean> => {
  try { return Buffer.from(await (await fetch(`http://127.0.0.1:${port}/api/v2/status`)).arrayBuffer()).includes("healthy"); } catch { return false; }
};

/** From the command to `replica_health_status: healthy`, a new network the first time and the same one after it. */
export async function startTimes(project: CliProject): Promise<readonly number[]> {
  const times: number[] = [];
  for (let i = 0; i < STARTS; i++) {
    const port = await freePort();
    let running: ReturnType<CliProject["start"]> | undefined;
    times.push(await timed(async () => {
      running = project.start(port);
      while (!await isHealthy(port)) await new Promise((resolve) => { setTimeout(resolve, ASK_EVERY_MS); });
    }));
    await running!.stop();
  }
  return times;
}

export const part: BenchPart = {
  ids: ["start.healthy.ms", "start.new.ms"],
  async run() {
    using project = newProject();
    const [first, ...again] = await startTimes(project);
    return [
      { id: "start.healthy.ms", value: median(again), unit: "ms", target: 400, note: "icx start until healthy, its state on disk" },
      { id: "start.new.ms", value: first!, unit: "ms", note: "the first start of a project: keys and genesis too" },
    ];
  },
};
