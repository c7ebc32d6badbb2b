import { IDL } from "@dfinity/candid";
import type { Principal } from "@dfinity/principal";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startNetworkOn } from "../../src/replica/internetComputer.ts";
import { createRealRuntime } from "../../src/replica/runtime/real.ts";
import type { CanisterId } from "../../src/replica/types/index.ts";
import { assemble } from "../../test/canisters/assemble.ts";
import { universalModule } from "../../test/canisters/universal.ts";
import { Program } from "../../test/spec/universal.ts";
import { newProject } from "./cliProject.ts";
import { NOTHING, emptyUpdateUs } from "./emptyUpdates.ts";
import { Door, inFlight } from "./manyCanisters.ts";
import { type BenchPart, quantile, timed } from "./row.ts";

const COUNT = 50_000, COLD_CALLS = 400;
/** Queries to one canister before the cold ones are measured: it is the canister that is cold, not the path to it. */
const WARM_UP = 400;
/** From one cold canister to the next: coprime to the count, so that none is asked twice. */
const STRIDE = 7919;
const NO_BYTES = new Uint8Array(0), NO_ARGUMENT = new Uint8Array(IDL.encode([], [])), nat = (value: bigint): Uint8Array => new Uint8Array(IDL.encode([IDL.Nat], [value]));
const natOf = (bytes: Uint8Array): bigint => IDL.decode([IDL.Nat], bytes)[0] as unknown as bigint;

/** The canister of the `motoko` template, compiled by icx. */
function templateCounter(): Uint8Array {
  using project = newProject();
  project.icx("build");
  return new Uint8Array(readFileSync(join(project.directory, ".icx", "build", "counter", "counter.wasm")));
}

export interface ManyCanisters { readonly right: boolean; readonly memoryMiB: number; readonly coldUpdates: readonly number[]; readonly coldQueries: readonly number[]; readonly emptyUs: number; readonly smallUs: number; readonly seconds: number }

/** One subnet, its state on disk, with so many canisters, every tenth the universal canister: all created, installed and called once. */
export async function measureCanisters(count: number, tell: (text: string) => void): Promise<ManyCanisters> {
  const stateDir = mkdtempSync(join(tmpdir(), "icx-bench-")), start = performance.now();
  const { network, subnets } = await startNetworkOn(createRealRuntime(), { stateDir }), door = new Door(network);
  try {
    const latest = (): Parameters<typeof emptyUpdateUs>[0] => subnets[1]!.serving.node.stateManager.latest();
    const counter = await door.store(templateCounter()), universal = await door.store(await universalModule()), empty = await door.store(await assemble(NOTHING));
    const idle = await door.create(), idleId = Buffer.from(idle.toUint8Array()).toString("hex") as CanisterId;
    await door.install(idle, empty, NO_BYTES);
    const smallUs = emptyUpdateUs(latest(), idleId);

    const ids: Principal[] = [], isUniversal = (i: number): boolean => i % 10 === 9, answerAtOnce = new Program().ic0("msg_reply").bytes;
    const phase = async (name: string, work: (i: number) => Promise<void>): Promise<void> => {
      const ms = await timed(() => inFlight(count, work)), { rss, heapUsed } = process.memoryUsage();
      tell(`${name}: ${(ms / 1000).toFixed(0)} s, ${(ms / count).toFixed(2)} ms each; ${(rss / 2 ** 20).toFixed(0)} MiB, ${(heapUsed / 2 ** 20).toFixed(0)} of them objects`);
    };
    let right = true;
    await phase("created", async (i) => { ids[i] = await door.create(); });
    await phase("installed", (i) => (isUniversal(i) ? door.install(ids[i]!, universal, NO_BYTES) : door.install(ids[i]!, counter, NO_ARGUMENT)));
    await phase("called", async (i) => {
      const answer = await (isUniversal(i) ? door.update(ids[i]!, "update", answerAtOnce) : door.update(ids[i]!, "increment", nat(2n)));
      right &&= isUniversal(i) ? answer.length === 0 : natOf(answer) === 2n;
    });
    const memoryMiB = process.memoryUsage().rss / 2 ** 20;

    const cold = async (first: number, call: (id: Principal) => Promise<boolean>): Promise<readonly number[]> => {
      const times: number[] = [];
      for (let k = 0; k < COLD_CALLS; k++) {
        const i = ((first + k) * STRIDE) % count;
        if (!isUniversal(i)) times.push(await timed(async () => { right &&= await call(ids[i]!); }));
      }
      return times;
    };
    for (let i = 0; i < WARM_UP; i++) right &&= natOf(await door.query(ids[0]!, "get", NO_ARGUMENT)) === 2n;
    tell(`asked one of them ${WARM_UP} times`);
    const coldQueries = await cold(0, async (id) => natOf(await door.query(id, "get", NO_ARGUMENT)) === 2n);
    tell(`asked ${coldQueries.length} cold ones`);
    const coldUpdates = await cold(COLD_CALLS, async (id) => natOf(await door.update(id, "increment", nat(1n))) === 3n);
    const emptyUs = emptyUpdateUs(latest(), idleId);
    return { right, memoryMiB, coldQueries, coldUpdates, emptyUs, smallUs, seconds: (performance.now() - start) / 1000 };
  } finally {
    await network.stop();
    rmSync(stateDir, { recursive: true, force: true });
  }
}

/** What it costs to have many canisters, of which few are busy. Takes many minutes and gigabytes: runs only when it is named. */
export const part: BenchPart = {
  name: "canisters", heavy: true, ids: ["canisters.50k.memory.mib", "canisters.50k.cold.p95.ms", "canisters.50k.cold_update.p95.ms", "canisters.50k.empty_update.ratio"],
  async run() {
    const { right, memoryMiB, coldUpdates, coldQueries, emptyUs, smallUs, seconds } = await measureCanisters(COUNT, (text) => { process.stderr.write(`${text}\n`); });
    const checked = (value: number): number | undefined => (right ? value : undefined);
    return [
      { id: "canisters.50k.memory.mib", value: checked(memoryMiB), unit: "MiB", target: 8192, note: `of the process, after every canister was called; ${seconds.toFixed(0)} s in all` },
      { id: "canisters.50k.cold.p95.ms", value: checked(quantile(coldQueries, 0.95)), unit: "ms", target: 5, note: `a query to a canister that was not used for long; median ${quantile(coldQueries, 0.5).toFixed(2)}` },
      { id: "canisters.50k.cold_update.p95.ms", value: checked(quantile(coldUpdates, 0.95)), unit: "ms", note: `the same as an update, submit to certificate, durable; median ${quantile(coldUpdates, 0.5).toFixed(2)}` },
      { id: "canisters.50k.empty_update.ratio", value: checked(emptyUs / smallUs), unit: "x", target: 2, note: `round.empty_update.us: ${emptyUs.toFixed(0)} there, ${smallUs.toFixed(0)} on the subnet when it was new` },
    ];
  },
};
