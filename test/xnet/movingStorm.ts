import { expect } from "vitest";
import type { NetworkOptions, SplitSubnet } from "../../src/replica/interfaces/network.ts";
import type { RunningSubnet } from "../../src/replica/runningSubnet.ts";
import type { ReplicatedState } from "../../src/replica/state/replicatedState.ts";
import { type CanisterId, hexFromBytes, principalToText } from "../../src/replica/types/index.ts";
import { type PumpStats, type Storm, type Weather, accountOf, pumpModule, runOf, setupOf, startStorm, statsOf } from "./storm.ts";

/** A pump that calls others while canisters move: `seconds` of a bounded-wait call, 0 for the others. */
export interface Caller { readonly id: CanisterId; readonly seconds: number; readonly calls: number }
export const homeOf = ({ open }: Storm, id: CanisterId): RunningSubnet => open.subnets.find(({ serving }) => serving.node.stateManager.latest().canisters.has(id)) ?? expect.fail(`nobody hosts ${principalToText(id)}`);
export const latest = ({ open }: Storm): readonly ReplicatedState[] => open.subnets.map(({ serving }) => serving.node.stateManager.latest());
export const application = (storm: Storm): readonly ReplicatedState[] => latest(storm).slice(1);

/** Installs pumps, `guaranteed` and then `bounded` ones on each subnet in turn, and lets each call all others of its kind. Resolves when the calls are under way, with what all had before. */
export async function startCallers(storm: Storm, homes: readonly RunningSubnet[], counts: { readonly calls: number; readonly atOnce: number; readonly seconds: number }): Promise<{ readonly callers: readonly Caller[]; readonly account: bigint }> {
  const module = await pumpModule(), made: Caller[] = [];
  for (const seconds of [0, counts.seconds]) {
    const ids: CanisterId[] = [];
    for (const home of homes) ids.push(await storm.install(home, module));
    for (const [i, id] of ids.entries()) await storm.call(homes[i]!, id, "setup", setupOf(ids.filter((other) => other !== id)));
    made.push(...ids.map((id) => ({ id, seconds, calls: (ids.length - 1) * counts.calls })));
  }
  const account = accountOf(application(storm));
  for (const { id, seconds } of made) await storm.call(homeOf(storm, id), id, "run", runOf(counts.calls, counts.atOnce, seconds));
  return { callers: made, account };
}

/** All have their answers, streams are empty, and no move is known any more (X11). */
export async function untilQuiet(storm: Storm, callers: readonly Caller[]): Promise<void> {
  await storm.until(() => callers.every(({ id, calls }) => { const { replies, rejects } = statsOf(homeOf(storm, id), id); return replies + rejects === BigInt(calls); }), 100_000);
  await storm.until(() => application(storm).every(({ streams }) => [...streams].every(([, { messages }]) => messages.length === 0)), 1_000);
  await storm.until(() => latest(storm).every(({ topology }) => topology.migrations === undefined), 1_000);
}

/** Protocol digest §2.7: what must hold when it is over. Gives the calls that were refused because a canister was on its way. */
export function checkCalls(storm: Storm, callers: readonly Caller[], account: bigint): { readonly refused: bigint } {
  const stats = callers.map(({ id }) => statsOf(homeOf(storm, id), id)), total = (name: Exclude<keyof PumpStats, "behind">): bigint => stats.reduce((sum, each) => sum + each[name], 0n);
  // One answer a call, known for guaranteed ones; requests of one canister to another in their order, none twice (X3 to X6).
  for (const [i, each] of stats.entries()) expect([callers[i], each]).toMatchObject([{}, { behind: 0, unmade: 0n, replies: BigInt(callers[i]!.calls) - each.rejects, ...(callers[i]!.seconds === 0 && { unknown: 0n }) }]);
  // What was sent was kept or came back, and nothing was made or lost (X7).
  if (total("unknown") === 0n) expect(total("accepted") + total("refunded")).toBe(total("sent"));
  expect(accountOf(application(storm))).toBe(account);
  // Streams agree (X1, X2), nobody waits, nothing is reserved (X4, X8).
  const states = application(storm);
  for (const state of states) {
    for (const [other, { begin, rejectSignals }] of state.streams) expect([begin, rejectSignals.length]).toEqual([states.find(({ subnetId }) => subnetId === other)?.streams.get(state.subnetId)?.signalsEnd ?? 0n, 0]);
    for (const [, { system }] of state.canisters) expect([Object.keys(system.callbacks).length, Object.keys(system.callContexts).length, system.queues.input.length, system.queues.output.length]).toEqual([0, 0, 0, 0]);
    expect(state.metrics.messages?.guaranteed ?? 0).toBe(0);
  }
  const usual = callers.reduce((sum, { calls }) => sum + calls, 0) / 16;
  return { refused: total("rejects") - BigInt(Math.floor(2 * usual)) };
}

/** All nodes of a subnet hold the same state. */
export async function checkNodes(storm: Storm): Promise<void> {
  for (const { nodes } of storm.open.subnets) {
    await storm.until(() => new Set(nodes.map(({ node }) => node.stateManager.latest().height)).size === 1, 100);
    expect(new Set(nodes.map(({ node: { stateManager } }) => hexFromBytes(stateManager.fullHash(stateManager.latest().height)!))).size).toBe(1);
  }
}

export interface SplitStorm { readonly seed: string; readonly weather: Weather; readonly calls: number; readonly atOnce: number; readonly options?: NetworkOptions }

/** Three canisters of each kind call each other; two of each live on one subnet, which is split between them in the middle of it. */
export async function splitInTheStorm({ seed, weather, calls, atOnce, options = {} }: SplitStorm): Promise<{ readonly refused: bigint; readonly made: SplitSubnet; readonly hash: string }> {
  const storm = await startStorm(seed, 2, weather, options), [a, y] = storm.applications as [RunningSubnet, RunningSubnet];
  await using network = storm.open.network;
  const { callers, account } = await startCallers(storm, [a, a, y], { calls, atOnce, seconds: 240 });
  const goes = callers.filter((_, i) => i % 3 === 1).map(({ id }) => id), text = principalToText(a.subnet.subnetId);
  let made: SplitSubnet | undefined, failure: unknown;
  network.splitSubnet({ subnet: text, canisters: goes.map(principalToText) }).then((given) => { made = given; }, (error: unknown) => { failure = error; });
  await storm.until(() => made !== undefined || failure !== undefined, 100_000);
  if (made === undefined) throw failure;
  const b = storm.open.subnets.find(({ subnet }) => principalToText(subnet.subnetId) === made!.destination)!;
  expect([a, y, b].map(({ serving }) => serving.node.stateManager.latest().canisters.size)).toEqual([2, 2, 2]);
  for (const id of goes) expect(homeOf(storm, id)).toBe(b);
  await untilQuiet(storm, callers);
  const { refused } = checkCalls(storm, callers, account);
  await checkNodes(storm);
  return { refused, made, hash: network.stateHash() };
}
