import { IDL } from "@dfinity/candid";
import type { Principal } from "@dfinity/principal";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { startNetwork } from "../../src/index.ts";
import { newProject } from "./cliProject.ts";
import { Door } from "./manyCanisters.ts";
import { type BenchPart, timed } from "./row.ts";

/** 32 arrays of 32 MiB: each element a number of its own. */
const ARRAYS = 32, ELEMENTS = 4 * 2 ** 20;
const program = (version: number): string => `import VarArray "mo:core/VarArray"; import List "mo:core/List";
persistent actor {
  let arrays = List.empty<[var Nat]>();
  transient let version = ${version};
  public func fill() : async Nat {
    let first = List.size(arrays) * ${ELEMENTS};
    List.add(arrays, VarArray.tabulate<Nat>(${ELEMENTS}, func i = (first + i) * 3));
    List.size(arrays)
  };
  /// Elements that are not what \`fill\` made them, looked at twice in each page.
  public query func wrong() : async Nat {
    var found = 0; var first = 0;
    for (array in List.values(arrays)) {
      var i = 0;
      while (i < ${ELEMENTS}) { if (array[i] != (first + i) * 3) found += 1; i += 256 };
      first += ${ELEMENTS};
    };
    found + (${ARRAYS} - List.size(arrays))
  };
  public query func which() : async Nat { version };
}`;

/** Both versions, compiled by icx. */
function modules(): readonly [Uint8Array, Uint8Array] {
  using project = newProject();
  const build = (version: number): Uint8Array => {
    writeFileSync(join(project.directory, "src", "counter", "main.mo"), program(version));
    project.icx("build");
    return new Uint8Array(readFileSync(join(project.directory, ".icx", "build", "counter", "counter.wasm")));
  };
  return [build(1), build(2)];
}

/** The largest resident set of this process while `work` runs, in MiB, looked at by another thread every few milliseconds. */
async function peakMiB(work: () => Promise<void>): Promise<number> {
  const watcher = new Worker(`const { parentPort } = require("node:worker_threads"); let peak = 0;
    setInterval(() => { peak = Math.max(peak, process.memoryUsage.rss()); }, 5); parentPort.on("message", () => parentPort.postMessage(Math.max(peak, process.memoryUsage.rss())));`, { eval: true });
  await new Promise((resolve) => { watcher.once("online", resolve); });
  await work();
  const peak = await new Promise<number>((resolve) => { watcher.once("message", resolve); watcher.postMessage("end"); });
  await watcher.terminate();
  return peak / 2 ** 20;
}

const NO_ARGUMENT = new Uint8Array(IDL.encode([], [])), natOf = (bytes: Uint8Array): number => Number(IDL.decode([IDL.Nat], bytes)[0] as unknown as bigint);

export interface LargeUpgrade { readonly right: boolean; readonly ms: number; readonly moreMiB: number; readonly beforeMiB: number }

/** Fills a canister, upgrades it with its memory kept, and looks at every page afterwards. */
export async function measureUpgrade(tell: (text: string) => void): Promise<LargeUpgrade> {
  const [first, second] = modules(), stateDir = mkdtempSync(join(tmpdir(), "icx-bench-")), network = await startNetwork({ stateDir }), door = new Door(network);
  try {
    const canister: Principal = await door.create(), before = await door.store(first), after = await door.store(second);
    await door.install(canister, before, NO_ARGUMENT);
    const filled = await timed(async () => { for (let i = 0; i < ARRAYS; i++) await door.update(canister, "fill", NO_ARGUMENT); });
    const ask = async (method: string): Promise<number> => natOf(await door.query(canister, method, NO_ARGUMENT));
    let right = await ask("wrong") === 0 && await ask("which") === 1;
    const beforeMiB = process.memoryUsage().rss / 2 ** 20;
    tell(`filled in ${(filled / 1000).toFixed(0)} s; ${beforeMiB.toFixed(0)} MiB`);
    let ms = 0;
    const peak = await peakMiB(async () => { ms = await timed(() => door.install(canister, after, NO_ARGUMENT, { upgrade: [{ skip_pre_upgrade: [], wasm_memory_persistence: [{ keep: null }] }] })); });
    right &&= await ask("which") === 2 && await ask("wrong") === 0;
    return { right, ms, moreMiB: peak - beforeMiB, beforeMiB };
  } finally {
    await network.suspend();
    rmSync(stateDir, { recursive: true, force: true });
  }
}

/** An upgrade that keeps a gibibyte of Motoko data. Takes gigabytes: runs only when it is named. */
export const part: BenchPart = {
  name: "upgrade", heavy: true, ids: ["upgrade.1gib.ms", "upgrade.1gib.more.mib"],
  async run() {
    const { right, ms, moreMiB, beforeMiB } = await measureUpgrade((text) => { process.stderr.write(`${text}\n`); });
    return [
      { id: "upgrade.1gib.ms", value: right ? ms : undefined, unit: "ms", target: 1000, note: "from submit to certificate, the canister's own code included; its heap is compared before and after" },
      { id: "upgrade.1gib.more.mib", value: right ? moreMiB : undefined, unit: "MiB", target: 64, note: `most of the process while it is upgraded, beyond the ${beforeMiB.toFixed(0)} before` },
    ];
  },
};
