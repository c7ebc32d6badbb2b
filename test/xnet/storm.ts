import { readFileSync } from "node:fs";
import { setImmediate as turn } from "node:timers/promises";
import { expect } from "vitest";
import { candidFromPrincipal, decodeCandid, encodeCandid } from "../../src/replica/codec/candid.ts";
import { MANAGEMENT_TYPES, type ManagementMethodName } from "../../src/replica/codec/candidManagement.ts";
import { type Deliver, type OpenNetwork, startNetworkOn } from "../../src/replica/internetComputer.ts";
import type { NetworkOptions } from "../../src/replica/interfaces/network.ts";
import type { RunningSubnet } from "../../src/replica/runningSubnet.ts";
import { createSimulatedRuntime, type SimulatedRuntime } from "../../src/replica/runtime/simulated.ts";
import type { ReplicatedState } from "../../src/replica/state/replicatedState.ts";
import { consumedTotal } from "../../src/replica/state/consumedCycles.ts";
import { ANONYMOUS, type CanisterId, MANAGEMENT_CANISTER_ID, type SubnetId, hexFromBytes, principalBytes, principalFromText, time } from "../../src/replica/types/index.ts";
import { assemble } from "../canisters/assemble.ts";

/** Whole subnets under simulated time, with bad weather between them. */
export interface Weather {
  /** Of 1000 sendings so many are lost, and so many come twice. */
  readonly lossPerMille: number;
  readonly repeatPerMille: number;
  /** How many of 1000 slices are followed by a forged one: a bit flipped, cut short, sent to the wrong subnet, in another's name, or an old one again. */
  readonly forgedPerMille: number;
  /** A sending takes up to so long: later ones overtake it. Milliseconds. */
  readonly delayMaxMs: number;
}
const MS = 1_000_000n;
const SLICE = 1;

export interface Counters { sent: number; lost: number; repeated: number; late: number; forged: Record<"flipped" | "cut" | "misdirected" | "renamed" | "old" | "noise", number>; cut: number }
export interface Storm {
  readonly open: OpenNetwork;
  readonly runtime: SimulatedRuntime;
  readonly applications: readonly RunningSubnet[];
  readonly counters: Counters;
  /** Subnets that nobody reaches. */
  readonly apart: Set<SubnetId>;
  /** Seconds of simulated time since the start. */
  readonly seconds: number;
  /** Lets everybody work, and moves the hands when nobody has anything to do, until it is done. */
  until(done: () => boolean, secondsMax: number): Promise<void>;
  calm(): void;
  call(subnet: RunningSubnet, canister: CanisterId, method: string, arg: Uint8Array, effective?: CanisterId): Promise<Uint8Array>;
  install(subnet: RunningSubnet, module: Uint8Array): Promise<CanisterId>;
}

/** Moves the hands while a network starts, whenever it has done nothing for some turns; gives up after ten simulated minutes. */
async function untilStarted({ clock, runNext }: SimulatedRuntime, starting: Promise<unknown>): Promise<void> {
  let isPending = true;
  const over = (): void => { isPending = false; }, end = clock.now() + 600n * 1_000n * MS;
  starting.then(over, over);
  for (let turns = 1; isPending; turns++) {
    await turn();
    if (turns % 4 === 0 && isPending) runNext();
    if (clock.now() > end) expect.fail("the network does not start");
  }
}

export async function startStorm(seed: string, subnets: number, weather: Weather, options: NetworkOptions = {}): Promise<Storm> {
  const runtime = createSimulatedRuntime(seed), rng = runtime.rng.fork("weather"), start = runtime.clock.now(), apart = new Set<SubnetId>();
  const counters: Counters = { sent: 0, lost: 0, repeated: 0, late: 0, forged: { flipped: 0, cut: 0, misdirected: 0, renamed: 0, old: 0, noise: 0 }, cut: 0 }, kept: { readonly from: SubnetId; readonly to: SubnetId; readonly bytes: Uint8Array }[] = [];
  let now = weather;
  const draw = (bound: number): number => Buffer.from(rng.bytes(4)).readUInt32BE() % bound;
  const between = (deliver: Deliver): Deliver => {
    const pass = (from: SubnetId, to: SubnetId, bytes: Uint8Array): void => {
      counters.sent++;
      if (draw(1000) < now.lossPerMille) { counters.lost++; return; }
      const delay = draw(now.delayMaxMs + 1);
      if (delay > now.delayMaxMs / 2) counters.late++;
      runtime.timers.after(time(BigInt(delay) * MS), "between subnets", () => { if (apart.has(from) || apart.has(to)) counters.cut++; else deliver(from, to, bytes); });
    };
    const forge = (from: SubnetId, to: SubnetId, bytes: Uint8Array): void => {
      const others = open?.subnets.map(({ subnet }) => subnet.subnetId).filter((id) => id !== to && id !== from) ?? [], old = kept[draw(Math.max(1, kept.length))];
      const flipped = Uint8Array.from(bytes), at = 1 + draw(bytes.length - 1);
      flipped[at] = flipped[at]! ^ (1 << draw(8));
      const kind = (["flipped", "cut", "misdirected", "renamed", "old", "noise"] as const)[draw(6)]!;
      counters.forged[kind]++;
      if (kind === "flipped") pass(from, to, flipped);
      else if (kind === "cut") pass(from, to, bytes.slice(0, at));
      else if (kind === "noise") pass(from, to, new Uint8Array(Buffer.concat([Uint8Array.of(SLICE), rng.bytes(64)])));
      else if (kind === "old") { if (old !== undefined) pass(old.from, old.to, old.bytes); }
      else if (others.length > 0) { const other = others[draw(others.length)]!; if (kind === "misdirected") pass(from, other, bytes); else pass(other, to, bytes); }
    };
    return (from, to, bytes) => {
      pass(from, to, bytes);
      if (draw(1000) < now.repeatPerMille) { counters.repeated++; pass(from, to, bytes); }
      if (bytes[0] !== SLICE) return;
      if (kept.length < 200) kept.push({ from, to, bytes }); else kept[draw(200)] = { from, to, bytes };
      if (draw(1000) < now.forgedPerMille) forge(from, to, bytes);
    };
  };
  let open: OpenNetwork | undefined;
  const starting = startNetworkOn(runtime, { ...options, subnets: Array.from({ length: subnets }, () => ({ type: "application" as const, ...(options.nodes !== undefined && { nodes: options.nodes }) })), ...(options.nodes !== undefined && { nodes: 1 }) }, between);
  // Several nodes agree on their first blocks by timers, and the start waits for these.
  if ((options.nodes ?? 1) > 1) await untilStarted(runtime, starting);
  open = await starting;
  const { network, admin } = open, applications = open.subnets.slice(1);
  const heights = (): string => open.subnets.map(({ serving: { node: { stateManager } } }) => `${stateManager.latest().height}/${stateManager.latestCertified()?.state.height}`).join(" ");
  const seconds = (): number => Number(runtime.clock.now() - start) / 1e9;
  async function until(done: () => boolean, secondsMax: number): Promise<void> {
    const end = seconds() + secondsMax;
    for (let still = 0, last = ""; ;) {
      await turn();
      const next = heights();
      if (next === last && ++still < 4) continue;
      still = 0;
      if (done()) return;
      if (next !== last) last = next;
      else if (seconds() > end || !runtime.runNext()) expect.fail(`not done after ${secondsMax} s: heights ${last}, ${JSON.stringify(counters)}`);
    }
  }
  async function call(subnet: RunningSubnet, canister: CanisterId, method: string, arg: Uint8Array, effective?: CanisterId): Promise<Uint8Array> {
    let answer: Awaited<ReturnType<typeof admin.call>> | undefined;
    void admin.call(subnet.subnet, canister, method, arg, effective).then((given) => { answer = given; });
    await until(() => answer !== undefined, 60);
    return answer!.ok ? answer!.value : expect.fail(answer!.error.message);
  }
  const manage = (subnet: RunningSubnet, effective: CanisterId, method: ManagementMethodName, args: object): Promise<Uint8Array> => call(subnet, MANAGEMENT_CANISTER_ID, method, encodeCandid(MANAGEMENT_TYPES[method].args, [args]), effective);
  return {
    open, runtime, applications, counters, apart, until, call,
    get seconds() { return seconds(); },
    calm() { now = { lossPerMille: 0, repeatPerMille: 0, forgedPerMille: 0, delayMaxMs: 0 }; },
    async install(subnet, module) {
      const effective = principalFromText(network.subnets[open.subnets.indexOf(subnet)]!.effectiveCanisterId) as CanisterId;
      const made = decodeCandid(MANAGEMENT_TYPES.provisional_create_canister_with_cycles.results, await manage(subnet, effective, "provisional_create_canister_with_cycles", { amount: [], settings: [], specified_id: [], sender_canister_version: [] }));
      if (!made.ok) return expect.fail(made.error);
      const id = hexFromBytes((made.value[0] as { canister_id: { toUint8Array(): Uint8Array } }).canister_id.toUint8Array()) as CanisterId;
      await manage(subnet, id, "install_code", { mode: { install: null }, canister_id: candidFromPrincipal(id), wasm_module: module, arg: new Uint8Array(), sender_canister_version: [] });
      return id;
    },
  };
}

/** What a `pump` has counted. */
export interface PumpStats { readonly replies: bigint; readonly rejects: bigint; readonly unknown: bigint; readonly sent: bigint; readonly refunded: bigint; readonly accepted: bigint; readonly taken: bigint; readonly outOfOrder: bigint; readonly unmade: bigint; /** Calls that came after a later one of the same sender, or once more. */ readonly behind: number }
export function statsOf(subnet: RunningSubnet, canister: CanisterId): PumpStats {
  const answer = subnet.subnet.query({ sender: ANONYMOUS, receiver: canister, method: "stats", arg: new Uint8Array() });
  if (!answer.ok) return expect.fail(answer.error.message);
  const bytes = Buffer.from(answer.value), at = (place: number): bigint => bytes.readBigUInt64LE(place * 8);
  return { replies: at(0), rejects: at(1), unknown: at(2), sent: at(3), refunded: at(4), accepted: at(5), taken: at(6), outOfOrder: at(7), unmade: at(8), behind: bytes.readUInt32LE(92) };
}
export const pumpModule = (): Promise<Uint8Array> => assemble(readFileSync(new URL("../canisters/pump.wat", import.meta.url), "utf8"), "pump.wat");
const numbers = (...values: readonly number[]): Uint8Array => { const bytes = Buffer.alloc(4 * values.length); values.forEach((value, i) => bytes.writeUInt32LE(value, 4 * i)); return new Uint8Array(bytes); };
export const setupOf = (peers: readonly CanisterId[]): Uint8Array => new Uint8Array(Buffer.concat([numbers(peers.length), ...peers.map((peer) => principalBytes(peer))]));
/** @param seconds that a call waits for its answer; 0: as long as it takes */
export const runOf = (calls: number, atOnce: number, seconds = 0): Uint8Array => numbers(calls, atOnce, seconds);

/** Calls to one peer that its callee answers with a trap, which undoes the count, and with a reject. */
const ofKind = (calls: number, kind: number): number => Math.floor((calls + 15 - kind) / 16);

/** What canisters hold and have paid, together. */
export const accountOf = (states: readonly ReplicatedState[]): bigint => states.flatMap(({ canisters }) => [...canisters].map(([, { system }]) => system.balance + system.reservedBalance + consumedTotal(system.consumed))).reduce((a, b) => a + b, 0n);

/** A canister on each subnet makes so many calls to each of the others through the weather; at some time one subnet is cut off for a while. */
export async function weatherTheStorm(seed: string, { subnets, calls, atOnce, weather, cutSeconds }: { readonly subnets: number; readonly calls: number; readonly atOnce: number; readonly weather: Weather; readonly cutSeconds: number }): Promise<{ readonly counters: Counters; readonly seconds: number; readonly hash: string }> {
  const storm = await startStorm(seed, subnets, weather), { open, applications, counters } = storm;
  await using network = open.network;
  const module = await pumpModule(), ids: CanisterId[] = [];
  for (const subnet of applications) ids.push(await storm.install(subnet, module));
  const latest = (): ReplicatedState[] => applications.map(({ serving }) => serving.node.stateManager.latest()), account = accountOf(latest());
  for (const [i, subnet] of applications.entries()) await storm.call(subnet, ids[i]!, "setup", setupOf(ids.filter((_, other) => other !== i)));
  for (const [i, subnet] of applications.entries()) await storm.call(subnet, ids[i]!, "run", runOf(calls, atOnce));
  const answered = (): bigint => applications.map((subnet, i) => statsOf(subnet, ids[i]!)).reduce((sum, { replies, rejects }) => sum + replies + rejects, 0n), all = BigInt(subnets * (subnets - 1) * calls);

  // In the middle of it one subnet is cut off.
  await storm.until(() => answered() > all / 4n, 100_000);
  const lone = applications[0]!, before = statsOf(lone, ids[0]!), cutAt = storm.seconds;
  storm.apart.add(lone.subnet.subnetId);
  await storm.until(() => storm.seconds > cutAt + cutSeconds, cutSeconds + 5);
  expect(before.replies + before.rejects).toBeLessThan(BigInt((subnets - 1) * calls));
  expect(answered()).toBeLessThan(all);
  storm.apart.clear();
  await storm.until(() => answered() === all, 100_000);
  // X11: with no new calls every stream drains, even the last acknowledgements.
  await storm.until(() => latest().every(({ streams }) => [...streams].every(([, { messages }]) => messages.length === 0)), 1_000);

  const stats = applications.map((subnet, i) => statsOf(subnet, ids[i]!)), total = (name: Exclude<keyof PumpStats, "behind">): bigint => stats.reduce((sum, each) => sum + each[name], 0n), pairs = subnets * (subnets - 1), trapped = ofKind(calls, 5), refused = ofKind(calls, 9);
  // Each call is delivered once and in order, and has its one answer; none of them is unknown (X3 to X6).
  for (const each of stats) {
    expect(each).toMatchObject({ outOfOrder: 0n, behind: 0, unmade: 0n, unknown: 0n, taken: BigInt((subnets - 1) * (calls - trapped)), replies: BigInt((subnets - 1) * (calls - trapped - refused)), rejects: BigInt((subnets - 1) * (trapped + refused)) });
  }
  // Every cycle: what was sent was kept there or came back, and what canisters hold and have paid is what they held and had paid (X7).
  expect(total("sent")).toBe(BigInt(pairs) * Array.from({ length: calls }, (_, n) => 1_000_000n + BigInt(n % 1024)).reduce((a, b) => a + b, 0n));
  expect(total("accepted") + total("refunded")).toBe(total("sent"));
  expect(accountOf(latest())).toBe(account);
  // X1, X2: no index is used twice, what was sent is what was taken; nothing waits in queues, and nobody waits for an answer (X4, X8).
  for (const [i, state] of latest().entries()) {
    for (const [other, { begin, rejectSignals }] of state.streams) {
      if (other === state.subnetId) continue;
      const back = latest().find(({ subnetId }) => subnetId === other)?.streams.get(state.subnetId);
      expect([begin, rejectSignals.length]).toEqual([back?.signalsEnd ?? 0n, 0]);
    }
    const { system } = state.canisters.get(ids[i]!)!;
    expect([Object.keys(system.callbacks).length, system.queues.output.length, system.queues.input.length]).toEqual([0, 0, 0]);
  }
  return { counters, seconds: storm.seconds, hash: network.stateHash() };
}
