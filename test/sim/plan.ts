import type { Rng } from "../../src/replica/interfaces/runtime.ts";
import { createSimulatedRuntime } from "../../src/replica/runtime/simulated.ts";
import { ADVERSARIES } from "./adversaries.ts";
import { createChance } from "./chance.ts";
import type { LinkPlan } from "./simulatedLinks.ts";
import { faultsOf } from "./invariants/invariant.ts";

/** Something that befalls the network when its highest block is of this height. */
export type FaultEvent = { readonly at: number; readonly lastsMs: number } & (
  | { readonly kind: "crash"; readonly places: readonly number[] }
  | { readonly kind: "partition"; readonly groups: readonly (readonly number[])[] }
  | { readonly kind: "storm"; readonly links: Partial<LinkPlan> }
  | { readonly kind: "slow"; readonly place: number; readonly ms: number }
  /** Away until the others are so many heights further. */
  | { readonly kind: "exile"; readonly place: number; readonly heights: number }
);

/** What a seed has drawn: data, so that it can be shown and played again. */
export interface Plan {
  readonly seed: number;
  readonly nodes: number;
  readonly links: Partial<LinkPlan>;
  readonly stepMs: number;
  readonly flushMs: number;
  /** Members that lie, and how. */
  readonly liars: ReadonlyMap<number, readonly string[]>;
  readonly twins: readonly number[];
  readonly corrupt: ReadonlyMap<number, number>;
  readonly skewMs: ReadonlyMap<number, number>;
  readonly events: readonly FaultEvent[];
  /** Names of the fault classes that were drawn: each must happen. */
  readonly classes: readonly string[];
}

/** Heights of the part with faults, and of each part after it. */
export const SAFETY_HEIGHTS = 94, CALM_HEIGHTS = 15;

function drawPlan(seed: number, nodes: number, rng: Rng): Plan {
  const chance = createChance(rng), f = faultsOf(nodes), places = Array.from({ length: nodes }, (_, place) => place), classes = new Set<string>();
  const away = f > 0 && chance.hit(120), faulty = chance.some(places, f === 0 ? 0 : 1 + chance.below(f)).slice(0, away ? f - 1 : f), liars = new Map<number, readonly string[]>(), twins: number[] = [], corrupt = new Map<number, number>();
  for (const member of faulty) {
    const kind = chance.below(10);
    if (kind === 0) { twins.push(member); classes.add("twins"); continue; }
    if (kind === 1) { corrupt.set(member, 5 + chance.below(60)); classes.add("corruptState"); continue; }
    const drawn = chance.some(ADVERSARIES, 1 + chance.below(3)), maker = drawn.find(({ makes }) => makes === true);
    const names = drawn.filter((one) => one.makes !== true || one === maker).map(({ name }) => name);
    liars.set(member, names);
    for (const name of names) classes.add(name);
  }
  const keeping = places.filter((place) => !faulty.includes(place)), skewMs = new Map<number, number>(), events: FaultEvent[] = [];
  if (chance.hit(400)) for (const place of chance.some(keeping, Math.max(1, f))) { skewMs.set(place, Math.round(chance.between(-10_000, 10_000))); classes.add("skew"); }
  const anywhere = (): number => 6 + chance.below(SAFETY_HEIGHTS - 24);
  const draw = (kind: FaultEvent["kind"], perMille: number, most: number, make: () => FaultEvent): void => {
    if (!chance.hit(perMille)) return;
    classes.add(kind);
    for (let i = 1 + chance.below(most); i > 0; i--) events.push(make());
  };
  draw("crash", 800, 3, () => ({ kind: "crash", at: anywhere(), lastsMs: chance.between(50, 600), places: chance.some(places, chance.hit(300) ? f + 1 : Math.max(1, f)) }));
  draw("partition", 700, 2, () => {
    const left = chance.hit(400) ? chance.some(places, f) : chance.some(places, Math.floor(nodes / 2));
    return { kind: "partition", at: anywhere(), lastsMs: chance.hit(300) ? chance.between(2_200, 4_500) : chance.between(100, 800), groups: [left, places.filter((place) => !left.includes(place))] };
  });
  draw("storm", 700, 3, () => ({ kind: "storm", at: anywhere(), lastsMs: chance.between(100, 700), links: { delayMax: chance.between(20, 150), lossPerMille: 300, duplicatePerMille: 100, retransmitAfter: 60 } }));
  draw("slow", 400, 1, () => ({ kind: "slow", at: anywhere(), lastsMs: chance.between(300, 1500), place: chance.pick(places), ms: chance.between(30, 200) }));
  if (away) { events.push({ kind: "exile", at: 8 + chance.below(10), lastsMs: 0, place: chance.pick(keeping), heights: 78 }); classes.add("exile"); }
  classes.add("delay").add("loss").add("duplicate").add("reorder");
  return {
    seed, nodes, liars, twins, corrupt, skewMs, events: events.sort((a, b) => a.at - b.at), classes: [...classes].sort(),
    stepMs: nodes > 10 ? 8 : nodes > 4 ? 6 : chance.between(2, 7), flushMs: chance.hit(500) ? chance.between(0.1, 1) : 0,
    links: { delayMin: 0.5, delayMax: chance.between(3, 9), lossPerMille: 5 + chance.below(20), duplicatePerMille: 5 + chance.below(20), retransmitAfter: 25 },
  };
}

/** The plan of a seed, as every run of it makes it. */
export const planOfSeed = (seed: number, nodes: number): Plan => drawPlan(seed, nodes, createSimulatedRuntime(`simulation ${seed} of ${nodes}`).rng.fork("plan"));

/** A line for people. */
export function describePlan({ nodes, liars, twins, corrupt, skewMs, events }: Plan): readonly string[] {
  return [
    `${nodes} nodes`, ...[...liars].map(([member, names]) => `node ${member} lies: ${names.join(", ")}`), ...twins.map((member) => `node ${member} is there twice`),
    ...[...corrupt].map(([member, at]) => `a bit flips in the state of node ${member} at height ${at}`), ...[...skewMs].map(([place, ms]) => `the clock of node ${place} is ${ms} ms off`),
    ...events.map((event) => `at height ${event.at}: ${JSON.stringify(event)}`),
  ];
}
