import type { Timers } from "../../src/replica/interfaces/runtime.ts";
import { type SignedIngress, time } from "../../src/replica/types/index.ts";
import type { Chance } from "./chance.ts";

/** Bytes with the name of what they are: a node that has it already looks at it no further, as with adverts. */
export interface Parcel { readonly id: string; readonly bytes: Uint8Array; /** Of a user, not of consensus. */ readonly ingress?: SignedIngress }

/** Milliseconds, and thousandths of all transmissions. */
export interface LinkPlan {
  readonly delayMin: number;
  readonly delayMax: number;
  readonly lossPerMille: number;
  readonly duplicatePerMille: number;
  /** A lost transmission is sent again after this: links are slow but sure. */
  readonly retransmitAfter: number;
  /** Delay of one way instead of the range, with a fifth of it as jitter: for networks with distances. */
  readonly distance?: (from: number, to: number) => number;
}
export const QUIET: LinkPlan = { delayMin: 1, delayMax: 1, lossPerMille: 0, duplicatePerMille: 0, retransmitAfter: 200 };

/** Links between the nodes of one subnet, by place: they delay (and so reorder), lose, double and cut. */
export interface SimulatedLinks {
  attach(place: number, receive: (parcel: Parcel, from: number) => void): void;
  detach(place: number): void;
  send(from: number, to: number, parcel: Parcel): void;
  /** Only places of one group reach each other; undefined heals. */
  cut(groups: readonly (readonly number[])[] | undefined): void;
  readonly isCut: boolean;
  reachable(from: number, to: number): boolean;
  behave(change: Partial<LinkPlan>): void;
  /** More delay for everything from and to a place, ms. */
  slow(place: number, extra: number): void;
  readonly counters: { sent: number; lost: number; doubled: number; reordered: number; cut: number; delivered: number };
}

export function createSimulatedLinks(timers: Timers, chance: Chance, initial: Partial<LinkPlan> = {}): SimulatedLinks {
  const ends = new Map<number, (parcel: Parcel, from: number) => void>(), extra = new Map<number, number>(), latest = new Map<number, number>();
  const counters = { sent: 0, lost: 0, doubled: 0, reordered: 0, cut: 0, delivered: 0 };
  let plan: LinkPlan = { ...QUIET, ...initial }, groups: readonly (readonly number[])[] | undefined, clock = 0;
  const nanos = (ms: number): bigint => BigInt(Math.round(ms * 1e6));
  const reachable = (from: number, to: number): boolean => groups === undefined || groups.some((group) => group.includes(from) && group.includes(to));
  const deliver = (from: number, to: number, parcel: Parcel, order: number): void => {
    const end = ends.get(to);
    if (end === undefined) return;
    if (!reachable(from, to)) { counters.cut++; return; }
    const link = from * 1_000 + to;
    if ((latest.get(link) ?? 0) > order) counters.reordered++; else latest.set(link, order);
    counters.delivered++;
    end(parcel, from);
  };
  const transmit = (from: number, to: number, parcel: Parcel): void => {
    if (!ends.has(to)) return;
    // What is sent into a cut link is gone: when it heals, both sides offer again.
    if (!reachable(from, to)) { counters.cut++; return; }
    counters.sent++;
    if (chance.hit(plan.lossPerMille)) {
      counters.lost++;
      timers.after(time(nanos(plan.retransmitAfter)), "retransmit", () => transmit(from, to, parcel));
      return;
    }
    const base = plan.distance?.(from, to), delay = base === undefined ? chance.between(plan.delayMin, plan.delayMax) : base * chance.between(1, 1.2);
    const more = (extra.get(from) ?? 0) + (extra.get(to) ?? 0), order = ++clock;
    timers.after(time(nanos(delay + more)), "deliver", () => deliver(from, to, parcel, order));
    if (!chance.hit(plan.duplicatePerMille)) return;
    counters.doubled++;
    timers.after(time(nanos(2 * delay + more)), "deliver", () => deliver(from, to, parcel, order));
  };
  return {
    attach: (place, receive) => void ends.set(place, receive),
    detach: (place) => void ends.delete(place),
    send: transmit, reachable, counters,
    cut(next) { groups = next; },
    get isCut() { return groups !== undefined; },
    behave(change) { plan = { ...plan, ...change }; },
    slow: (place, ms) => void (ms === 0 ? extra.delete(place) : extra.set(place, ms)),
  };
}
