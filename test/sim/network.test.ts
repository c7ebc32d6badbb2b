import { IDL } from "@dfinity/candid";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { setImmediate as turn } from "node:timers/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { candidFromPrincipal, decodeCandid, encodeCandid } from "../../src/replica/codec/candid.ts";
import { MANAGEMENT_TYPES, type ManagementMethodName } from "../../src/replica/codec/candidManagement.ts";
import { type OpenNetwork, startNetworkOn } from "../../src/replica/internetComputer.ts";
import { type SimulatedRuntime, createSimulatedRuntime } from "../../src/replica/runtime/simulated.ts";
import { REGISTRY_CANISTER_ID } from "../../src/replica/systemCanisters/nns/registry/registry.ts";
import { type CanisterId, MANAGEMENT_CANISTER_ID, type Time, hexFromBytes, principalFromText, time } from "../../src/replica/types/index.ts";
import { assemble } from "../canisters/assemble.ts";
import { moduleText } from "../unit/replica/execution/testModule.ts";
import { settingsOf, wasmFromText } from "../unit/replica/execution/testSubnet.ts";

/** Whole networks under one runtime: equal seeds and equal inputs make equal networks, in a second life too. */
const SECOND = 1_000_000_000n;
let counter: Uint8Array, folder: string;
beforeAll(async () => {
  counter = await assemble(readFileSync(new URL("../canisters/counter.wat", import.meta.url), "utf8"));
  folder = mkdtempSync(join(tmpdir(), "icx-life-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const heights = ({ network }: OpenNetwork): string => network.subnets.map(({ height, certifiedHeight }) => `${height}/${certifiedHeight}`).join(" ");
/** Until nobody has anything to do before the hands move again, and what was done is on the disk, however slow that is. */
async function atRest(open: OpenNetwork): Promise<void> {
  for (let still = 0, last = heights(open); still < 20; still++) {
    await turn();
    for (const { nodes } of open.subnets) for (const { store } of nodes) await store.flushed();
    if (heights(open) !== last) { last = heights(open); still = 0; }
  }
}
async function wait(open: OpenNetwork, runtime: SimulatedRuntime, nanoseconds: bigint): Promise<void> {
  runtime.advanceTo(time(runtime.clock.now() + nanoseconds));
  await atRest(open);
}
async function call(open: OpenNetwork, canister: CanisterId, method: string, arg: Uint8Array, effective?: CanisterId): Promise<Uint8Array> {
  const answer = await open.admin.call(open.subnets[1]!.subnet, canister, method, arg, effective);
  await atRest(open);
  return answer.ok ? answer.value : expect.fail(answer.error.message);
}
const manage = (open: OpenNetwork, effective: CanisterId, method: ManagementMethodName, args: object): Promise<Uint8Array> =>
  call(open, MANAGEMENT_CANISTER_ID, method, encodeCandid(MANAGEMENT_TYPES[method].args, [args]), effective);
const increment = (open: OpenNetwork, canister: CanisterId, by: number): Promise<Uint8Array> => call(open, canister, "increment", new Uint8Array(IDL.encode([IDL.Nat], [by])));
const hashes = ({ subnets }: OpenNetwork): readonly string[] => subnets.map(({ serving: { node: { stateManager } } }) => hexFromBytes(stateManager.fullHash(stateManager.latest().height)!));

/** A life with creations, installs, updates, refused calls and time that passes. */
async function live(open: OpenNetwork, runtime: SimulatedRuntime): Promise<{ readonly canister: CanisterId; readonly hashes: readonly (readonly string[])[] }> {
  const effective = principalFromText(open.network.defaultEffectiveCanisterId) as CanisterId, seen = [hashes(open)];
  const created = decodeCandid(MANAGEMENT_TYPES.provisional_create_canister_with_cycles.results, await manage(open, effective, "provisional_create_canister_with_cycles", { amount: [], settings: [], specified_id: [], sender_canister_version: [] }));
  if (!created.ok) return expect.fail(created.error);
  const canister = hexFromBytes((created.value[0] as { canister_id: { toUint8Array(): Uint8Array } }).canister_id.toUint8Array()) as CanisterId;
  await manage(open, canister, "install_code", { mode: { install: null }, canister_id: candidFromPrincipal(canister), wasm_module: counter, arg: new Uint8Array(), sender_canister_version: [] });
  for (let by = 1; by <= 5; by++) {
    await increment(open, canister, by);
    seen.push(hashes(open));
    await wait(open, runtime, BigInt(by) * SECOND / 2n);
  }
  expect(await open.admin.call(open.subnets[1]!.subnet, canister, "no_such_method", new Uint8Array())).toMatchObject({ ok: false });
  await wait(open, runtime, 3n * SECOND);
  seen.push(hashes(open));
  return { canister, hashes: seen };
}

describe("a whole network", () => {
  const run = async (seed: string): Promise<readonly (readonly string[])[]> => {
    const runtime = createSimulatedRuntime(seed), open = await startNetworkOn(runtime, {});
    await using network = open.network;
    const life = await live(open, runtime);
    expect(network.stateHash()).toBe(hashes(open).join(""));
    return life.hashes;
  };
  test("with the same seed and the same inputs ends in the same state, with every state between", async () => {
    const first = await run("one");
    expect(first.flat().length).toBe(14);
    expect(new Set(first.map(([, application]) => application)).size).toBe(7);
    expect(await run("one")).toEqual(first);
    expect((await run("two")).at(-1)).not.toEqual(first.at(-1));
  });

  test("replayed from its journal is the same network, and goes on from there", async () => {
    const stateDir = join(folder, "life"), crashed = join(folder, "crashed"), runtime = createSimulatedRuntime("journal"), open = await startNetworkOn(runtime, { stateDir });
    const { canister } = await live(open, runtime), before = hashes(open), now: Time = runtime.clock.now();
    cpSync(stateDir, crashed, { recursive: true }); // what a crash would leave: no checkpoint was written
    await open.network.stop();

    const again = createSimulatedRuntime("another seed", now), second = await startNetworkOn(again, { stateDir: crashed });
    await using _ = second.network;
    expect(hashes(second)).toEqual(before);
    const answer = await increment(second, canister, 10);
    expect(IDL.decode([IDL.Nat], answer)).toEqual([25n]);
  });

  test("rests though a canister that is frozen has a timer which is due", async () => {
    const runtime = createSimulatedRuntime("frozen"), open = await startNetworkOn(runtime, {}), effective = principalFromText(open.network.defaultEffectiveCanisterId) as CanisterId;
    await using _ = open.network;
    const created = decodeCandid(MANAGEMENT_TYPES.provisional_create_canister_with_cycles.results, await manage(open, effective, "provisional_create_canister_with_cycles", { amount: [], settings: [], specified_id: [], sender_canister_version: [] }));
    if (!created.ok) return expect.fail(created.error);
    const canister_id = (created.value[0] as { canister_id: { toUint8Array(): Uint8Array } }).canister_id, canister = hexFromBytes(canister_id.toUint8Array()) as CanisterId;
    const module = wasmFromText(moduleText({ "update arm": `(drop (call $global_timer_set (i64.add (call $time) (i64.const ${2n * SECOND})))) (call $msg_reply)`, global_timer: "" }));
    await manage(open, canister, "install_code", { mode: { install: null }, canister_id, wasm_module: module, arg: new Uint8Array(), sender_canister_version: [] });
    await call(open, canister, "arm", new Uint8Array());
    await manage(open, canister, "update_settings", { canister_id, settings: settingsOf({ freezing_threshold: 1n << 62n }), sender_canister_version: [] });
    const before = open.network.subnets[1]!.height;
    runtime.advanceTo(time(runtime.clock.now() + 3n * SECOND));
    for (let turns = 0; turns < 300; turns++) await turn();
    expect(open.network.subnets[1]!.height - before).toBeLessThan(5);
    const { system } = open.subnets[1]!.serving.node.stateManager.latest().canisters.get(canister)!;
    expect(system.globalTimer).toBeGreaterThan(0n); // it waits for cycles
  });

  test("goes on when its listener throws, and the listener's error is seen", async () => {
    const seen: unknown[] = [], before = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    process.on("uncaughtException", (error) => seen.push(error.message));
    try {
      const runtime = createSimulatedRuntime("listener"), open = await startNetworkOn(runtime, { onEvent: () => { throw new TypeError("not today"); } });
      await using _ = open.network;
      expect(await open.admin.call(open.subnets[0]!.subnet, REGISTRY_CANISTER_ID, "get_latest_version", new Uint8Array())).toMatchObject({ ok: true });
      expect(open.subnets.map(({ subnet }) => subnet.health)).toEqual(["healthy", "healthy"]);
      expect(new Set(seen)).toEqual(new Set(["not today"]));
    } finally {
      process.removeAllListeners("uncaughtException");
      for (const listener of before) process.on("uncaughtException", listener);
    }
  });
});
