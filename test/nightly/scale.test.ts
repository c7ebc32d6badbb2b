import { IDL } from "@dfinity/candid";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createLinkControl } from "../../src/replica/linkControl.ts";
import type { RunningSubnet } from "../../src/replica/runningSubnet.ts";
import { type CanisterId, principalBytes, time } from "../../src/replica/types/index.ts";
import { assemble, counterModule } from "../canisters/assemble.ts";
import { startStorm } from "../xnet/storm.ts";
import { measured } from "./ground.ts";

/** Protocol digest §7 row 20: subnets of four nodes 30 ms apart, each under the same load. Time is simulated: what one machine can compute does not count. */
const SECONDS = 8, EVERY_MS = 125, WARM_SECONDS = 2, LINK = { ms: 30, jitter: 10 }, MS = 1_000_000n;
const one = Uint8Array.from(IDL.encode([IDL.Nat], [1n]));
const quantile = (sorted: readonly number[], part: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]!;

interface Row { readonly subnets: number; readonly finalized: number; readonly blocks: number; readonly local: readonly number[]; readonly across: readonly number[] }

async function underLoad(subnets: number): Promise<Row> {
  let counting = false, finalized = 0, blocks = 0, open = 0;
  const roots = new Set<string>(), storm = await startStorm(`scale ${subnets}`, subnets, { lossPerMille: 0, repeatPerMille: 0, forgedPerMille: 0, delayMaxMs: 80 }, {
    nodes: 4, onEvent(event) { if (event.kind === "block" && counting && !roots.has(event.subnet)) { finalized += event.messages; blocks++; } },
  });
  await using network = storm.open.network;
  roots.add(network.subnets[0]!.id);
  const counter = await counterModule(), relay = await assemble(readFileSync(new URL("../canisters/relay.wat", import.meta.url), "utf8"), "relay.wat"), counters: CanisterId[] = [], relays: CanisterId[] = [];
  for (const subnet of storm.applications) {
    counters.push(await storm.install(subnet, counter));
    relays.push(await storm.install(subnet, relay));
  }
  const local: number[] = [], across: number[] = [], ask = (subnet: RunningSubnet, canister: CanisterId, method: string, arg: Uint8Array, into: number[]): void => {
    const began = storm.seconds, counts = counting;
    open++;
    void storm.open.admin.call(subnet.subnet, canister, method, arg).then((answer) => {
      open--;
      if (!answer.ok) expect.fail(answer.error.message);
      if (counts) into.push((storm.seconds - began) * 1_000);
    });
  };
  createLinkControl(storm.open.subnets).delay(LINK.ms, LINK.jitter, undefined);
  const begin = storm.seconds;
  const load = (): void => {
    counting = storm.seconds >= begin + WARM_SECONDS && storm.seconds < begin + WARM_SECONDS + SECONDS;
    if (storm.seconds >= begin + WARM_SECONDS + SECONDS) return;
    for (const [i, subnet] of storm.applications.entries()) {
      const next = counters[(i + 1) % subnets]!;
      ask(subnet, counters[i]!, "increment", one, local);
      ask(subnet, relays[i]!, "relay", Uint8Array.from(Buffer.concat([principalBytes(next), Uint8Array.of(9), Buffer.from("increment"), one])), across);
    }
    storm.runtime.timers.after(time(BigInt(EVERY_MS) * MS), "load", load);
  };
  load();
  await storm.until(() => storm.seconds >= begin + WARM_SECONDS + SECONDS && open === 0, 2 * SECONDS + 60);
  for (const latencies of [local, across]) latencies.sort((a, b) => a - b);
  return { subnets, finalized, blocks, local, across };
}

test("one to eight subnets under equal load: messages grow with the subnets, and nobody waits longer", { timeout: 3_600_000 }, async () => {
  const rows: Row[] = [];
  for (const subnets of [1, 2, 4, 8]) {
    const cpu = process.cpuUsage(), row = await underLoad(subnets);
    rows.push(row);
    measured(`${subnets} subnets: ${row.finalized} messages in ${row.blocks} blocks, local ${quantile(row.local, 0.5).toFixed(0)} ms (p95 ${quantile(row.local, 0.95).toFixed(0)}), across ${quantile(row.across, 0.5).toFixed(0)} ms (p95 ${quantile(row.across, 0.95).toFixed(0)}), ${(process.cpuUsage(cpu).user / 1e6).toFixed(0)} s of CPU`);
  }
  const [alone, two] = rows as [Row, Row];
  for (const { subnets, finalized, local, across } of rows) {
    expect(finalized, `${subnets} subnets`).toBeGreaterThanOrEqual(0.9 * subnets * alone.finalized);
    expect([local.length, across.length]).toEqual([subnets * alone.local.length, subnets * alone.across.length]);
    for (const part of [0.5, 0.95]) {
      expect(quantile(local, part), `${subnets} subnets`).toBeLessThanOrEqual(1.1 * quantile(alone.local, part) + 40);
      // The one that is alone has no other to call.
      if (subnets > 1) expect(quantile(across, part), `${subnets} subnets`).toBeLessThanOrEqual(1.1 * quantile(two.across, part) + 40);
    }
  }
});
