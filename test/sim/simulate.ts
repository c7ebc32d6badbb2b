import type { Bls } from "../../src/replica/interfaces/crypto.ts";
import { loadFastBls } from "../../src/replica/crypto/fastBls.ts";
import type { ReplicatedState } from "../../src/replica/state/replicatedState.ts";
import { createSimulatedRuntime } from "../../src/replica/runtime/simulated.ts";
import { time } from "../../src/replica/types/index.ts";
import { adversary, combined } from "./adversaries.ts";
import { createChance } from "./chance.ts";
import { type Cluster, ms } from "./cluster.ts";
import { allowedMs } from "./invariants/liveness.ts";
import { INVARIANTS } from "./invariants/table.ts";
import type { Course } from "./invariants/invariant.ts";
import { linearBls } from "./linearBls.ts";
import { type SimulatedNetwork, createNetwork } from "./network.ts";
import { CALM_HEIGHTS, type FaultEvent, type Plan, SAFETY_HEIGHTS, describePlan, planOfSeed } from "./plan.ts";
import { type Traffic, createTraffic } from "./traffic.ts";

export interface SimulationOptions {
  readonly seed: number;
  readonly nodes: number;
  /** The real curve instead of the counting one. */
  readonly real?: boolean;
  /** The run ends when this rule is broken. */
  readonly until?: string;
  /** Lines for people, with the virtual milliseconds in front. */
  readonly tell?: (line: string) => void;
}
export interface Violation { readonly invariant: string; readonly what: string }
export interface SimulationReport {
  readonly seed: number; readonly nodes: number; readonly heights: number; readonly intervals: number; readonly faults: number; readonly violations: readonly Violation[];
  readonly hash: string; readonly cpuMs: number; readonly virtualMs: number; readonly real: boolean; readonly classes: Readonly<Record<string, number>>;
}

/** Not a fault: the run has shown what it was made for. */
class Found extends RangeError {}

/** One in twenty seeds runs with the real curve. */
export const isReal = (seed: number): boolean => seed % 20 === 7;
const VIOLATIONS_KEPT = 20, STAGE_LIMIT_MS = 60_000, REST_LIMIT_MS = 8_000, TALK_EVERY = 6;

/** One run: faults of every drawn class, then calm, then everybody keeps the rules, then everything ends. */
export async function simulate({ seed, nodes, real = isReal(seed), tell, until }: SimulationOptions): Promise<SimulationReport> {
  const cpu = process.cpuUsage(), bls: Bls = real ? await loadFastBls() : linearBls;
  const runtime = createSimulatedRuntime(`simulation ${seed} of ${nodes}`), start = runtime.clock.now(), plan = planOfSeed(seed, nodes);
  const violations: Violation[] = [], acts: Record<string, number> = Object.fromEntries(plan.classes.map((name) => [name, 0]));
  const note = (name: string, count = 1): void => { acts[name] = (acts[name] ?? 0) + count; };
  const say = tell === undefined ? undefined : (line: string): void => tell(`${String(Number(runtime.clock.now() - start) / 1e6).padStart(9)} ms  ${line}`);
  for (const line of say === undefined ? [] : describePlan(plan)) say?.(line);
  const course: Course = { stages: [], seed, phase: "safety", exiled: undefined, fair: plan.skewMs.size === 0, clockSpreadMs: Math.max(0, ...plan.skewMs.values()) - Math.min(0, ...plan.skewMs.values()) };
  const report = (invariant: string) => (what: string): void => {
    if (violations.length < VIOLATIONS_KEPT || !violations.some((known) => known.invariant === invariant)) violations.push({ invariant, what });
    say?.(`VIOLATION ${invariant}: ${what}`);
    if (invariant === until) throw new Found(invariant);
  };
  try {
    const roleChance = createChance(runtime.rng.fork("roles")), others = (member: number): readonly number[] => Array.from({ length: nodes }, (_, place) => place).filter((place) => place !== member);
    const network = createNetwork(runtime, bls, {
      nodes, name: "subnet", links: plan.links, twins: plan.twins, corruptState: plan.corrupt, skewMs: plan.skewMs, stepMs: plan.stepMs, flushMs: plan.flushMs,
      roles: new Map([...plan.liars].map(([member, names]) => [member, combined(names.map((name) => adversary(name).role({ chance: roleChance, others: others(member), note: () => note(name) })))])),
      watches(made, all) {
        course.network = all;
        return [...INVARIANTS.map((invariant) => invariant.watch(made, report(invariant.name), course)), ...(say === undefined ? [] : [{ step: tellHeights(say) }])];
      },
      ...(say !== undefined && { tell: say }),
    });
    const cluster = network.main, traffic = createTraffic(network, createChance(runtime.rng.fork("traffic")), seed % 10 === 3);
    course.traffic = traffic;
    live(network, traffic, plan, course, note, say);
    const { lost, doubled, reordered } = cluster.links.counters;
    for (const [name, count] of [["delay", 1], ["loss", lost], ["duplicate", doubled], ["reorder", reordered], ["twins", plan.twins.length], ["skew", plan.skewMs.size]] as const) if (acts[name] !== undefined) note(name, count);
    if ([...plan.corrupt.values()].some((at) => at <= topOf(cluster))) note("corruptState");
    cluster.end();
    for (const name of plan.classes) if (acts[name] === 0) report("drawn")(`nothing of ${name} happened`);
    const heights = topOf(cluster), { pool } = cluster.honest[0]!.consensus;
    const faults = Object.values(acts).reduce((sum, count) => sum + count, 0), used = process.cpuUsage(cpu);
    return {
      seed, nodes, heights, intervals: Math.floor(pool.catchUpHeight / (cluster.params.dkgIntervalLength + 1)), faults, violations, hash: cluster.hash(), real,
      cpuMs: (used.user + used.system) / 1000, virtualMs: Number(runtime.clock.now() - start) / 1e6, classes: acts,
    };
  } catch (error) {
    for (const what of course.network?.subnets.flatMap(({ critical }) => critical) ?? []) if (!(error instanceof Found)) violations.push({ invariant: "X9", what });
    const used = process.cpuUsage(cpu), what = error instanceof Error ? `${error.message}\n${error.stack?.split("\n").slice(1, 6).join("\n") ?? ""}` : String(error);
    return { seed, nodes, heights: 0, intervals: 0, faults: 0, violations: error instanceof Found ? violations : [...violations, { invariant: "exception", what }], hash: "", cpuMs: (used.user + used.system) / 1000, virtualMs: Number(runtime.clock.now() - start) / 1e6, real, classes: acts };
  }
}

/** Height of the highest final block that an honest node knows. */
export function topOf({ nodes, isHonest }: Cluster): number {
  let top = Number.NEGATIVE_INFINITY;
  for (const { place, consensus: { heights } } of nodes) if (heights.finalized > top && isHonest(place)) top = heights.finalized;
  return top;
}

function tellHeights(say: (line: string) => void): NonNullable<ReturnType<(typeof INVARIANTS)[number]["watch"]>["step"]> {
  let told = 0;
  return ({ consensus: { pool }, place }) => {
    for (; told < pool.finalizedHeight; told++) {
      const block = pool.finalized(told + 1 as never);
      if (block !== undefined) say(`height ${told + 1} is final: rank ${block.block.rank}${block.block.payload.kind === "summary" ? ", summary" : ""} (seen by node ${place})`);
    }
  };
}

type Note = (name: string, count?: number) => void;
type Say = ((line: string) => void) | undefined;

/** Runs until the condition holds. @returns the virtual milliseconds that it took; undefined when it did not come to it in time */
function runUntil(cluster: Cluster, done: () => boolean, limitMs: number, each?: () => void): number | undefined {
  const { runtime } = cluster, start = runtime.clock.now(), end = start + ms(limitMs);
  while (!done()) {
    if (runtime.clock.now() >= end) return undefined;
    runtime.advanceTo(time(runtime.clock.now() + ms(10)));
    each?.();
  }
  return Number(runtime.clock.now() - start) / 1e6;
}

function befall(cluster: Cluster, event: FaultEvent, plan: Plan, course: Course, note: Note, say: Say): { readonly over: () => boolean; readonly undo: () => void } {
  const { runtime } = cluster, until = runtime.clock.now() + ms(event.lastsMs);
  note(event.kind);
  say?.(`${event.kind} ${JSON.stringify(event)}`);
  const over = (): boolean => runtime.clock.now() >= until;
  switch (event.kind) {
    case "crash":
      for (const place of event.places) cluster.crash(place);
      return { over, undo: () => { for (const place of event.places) cluster.restart(place); } };
    case "partition":
      cluster.partition(event.groups.map((group) => [...group, ...plan.twins.map((_, i) => plan.nodes + i)]));
      return { over, undo: () => cluster.heal() };
    case "storm":
      cluster.links.behave(event.links);
      return { over, undo: () => cluster.links.behave(plan.links) };
    case "slow":
      cluster.links.slow(event.place, event.ms);
      return { over, undo: () => cluster.links.slow(event.place, 0) };
    case "exile": {
      const top = topOf(cluster);
      cluster.crash(event.place);
      course.exiled = event.place;
      return { over: () => topOf(cluster) >= top + event.heights, undo: () => cluster.restart(event.place) };
    }
  }
}

const isIdle = ({ streams, canisters, ingressHistory }: ReplicatedState): boolean => [...streams.values()].every(({ messages }) => messages.length === 0)
  && [...canisters.values()].every(({ system }) => Object.keys(system.callContexts).length === 0 && Object.keys(system.callbacks).length === 0)
  && [...ingressHistory.values()].every(({ kind }) => kind !== "received" && kind !== "processing");

function live({ main: cluster, subnets }: SimulatedNetwork, traffic: Traffic, plan: Plan, course: Course, note: Note, say: Say): void {
  let spoken = 0;
  const talk = (): void => { for (const top = topOf(cluster); top >= spoken; spoken += TALK_EVERY) traffic.send(); };
  const waiting = [...plan.events], open: { readonly over: () => boolean; readonly undo: () => void }[] = [];
  const settle = (all: boolean): void => {
    for (const under of [...open]) if (all || under.over()) { under.undo(); open.splice(open.indexOf(under), 1); }
  };
  runUntil(cluster, () => topOf(cluster) >= SAFETY_HEIGHTS && waiting.length + open.length === 0, 4 * STAGE_LIMIT_MS, () => {
    settle(false);
    talk();
    while (waiting[0] !== undefined && (topOf(cluster) >= waiting[0].at)) {
      const event = waiting.shift()!;
      if (event.kind === "crash" && course.exiled !== undefined && event.places.includes(course.exiled)) { note("crash"); continue; }
      open.push(befall(cluster, event, plan, course, note, say));
    }
  });
  settle(true);
  cluster.heal();
  cluster.links.behave({ lossPerMille: 0, duplicatePerMille: 0, delayMax: 3 });
  for (const { place } of cluster.nodes) { cluster.restart(place); cluster.links.slow(place, 0); }
  course.phase = "calm";
  const stage = (name: string, heights: number): void => {
    const from = topOf(cluster), took = runUntil(cluster, () => topOf(cluster) >= from + heights, Math.max(STAGE_LIMIT_MS, allowedMs(heights, course)), course.phase === "rest" ? undefined : talk);
    say?.(`${name}: ${took === undefined ? "NOT REACHED" : `${took} ms`}`);
    course.stages.push({ name, from, to: topOf(cluster), wanted: heights, tookMs: took });
  };
  stage("calm, liars at work", CALM_HEIGHTS);
  for (const [i] of plan.twins.entries()) cluster.crash(plan.nodes + i);
  for (const member of plan.corrupt.keys()) cluster.wipe(member);
  for (const member of [...plan.liars.keys(), ...plan.twins]) { cluster.crash(member); cluster.setRole(member, undefined); cluster.restart(member); }
  stage("all keep the rules", CALM_HEIGHTS);
  course.phase = "rotation";
  const f = Math.max(1, Math.floor((plan.nodes - 1) / 3)), places = Array.from({ length: plan.nodes }, (_, place) => place);
  for (let first = 0; first < plan.nodes; first += f) {
    const away = places.slice(first, first + f);
    cluster.partition([places.filter((place) => !away.includes(place)), away]);
    stage(`without ${away.join(", ")}`, 4); // more than what is begun ahead
    cluster.heal();
  }
  course.phase = "rest";
  traffic.again();
  stage("all together again", CALM_HEIGHTS);
  const rest = runUntil(cluster, () => cluster.honest.every(({ consensus: { heights }, state }) => heights.notarized - heights.finalized <= 1 && topOf(cluster) - state.height <= 1) && subnets.every(({ newest }) => isIdle(newest)), REST_LIMIT_MS);
  course.stages.push({ name: "all at one height", from: 0, to: topOf(cluster), wanted: 0, tookMs: rest });
}
