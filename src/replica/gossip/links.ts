import { type NodeId, type Time, time } from "../types/index.ts";
import type { Rng, Timers } from "../interfaces/runtime.ts";

/** How the links of a subnet behave: nanoseconds, and a loss in thousandths. */
export interface LinkBehaviour {
  readonly delayMin: Time;
  readonly delayMax: Time;
  /** Of 1000 transmissions so many are lost. A lost one is sent again after `retransmitAfter`, as QUIC does, so that links are slow but sure. */
  readonly lossPerMille: number;
  readonly retransmitAfter: Time;
}

/** What a node offers its links. */
export interface LinkEnd {
  /** Encoded artifacts, nothing else, reach another node. */
  receive(from: NodeId, bytes: Uint8Array): void;
  /** A peer is reachable again: what it may have missed. */
  offer(to: NodeId): readonly Uint8Array[];
}

/** Gossip between the nodes of one subnet in one process, over links that delay, drop and partition (design §3.1). */
export interface Links {
  attach(node: NodeId, end: LinkEnd): void;
  detach(node: NodeId): void;
  broadcast(from: NodeId, bytes: Uint8Array): void;
  send(from: NodeId, to: NodeId, bytes: Uint8Array): void;
  /** Only nodes of one group reach each other; a node in no group reaches nobody. Takes the place of the partition before. */
  partition(groups: readonly (readonly NodeId[])[]): void;
  /** Cuts a node off from all others, whatever the partition says. */
  isolate(node: NodeId): void;
  /** Joins what `partition` and `isolate` cut. */
  heal(): void;
  behave(behaviour: Partial<LinkBehaviour>): void;
  readonly behaviour: LinkBehaviour;
  /** Whether artifacts of one reach the other. */
  reaches(from: NodeId, to: NodeId): boolean;
  readonly counters: { sent: number; lost: number; delivered: number; cut: number };
}

/** Local links: 1 ms, nothing lost. */
export const QUIET_LINKS: LinkBehaviour = { delayMin: time(1_000_000n), delayMax: time(1_000_000n), lossPerMille: 0, retransmitAfter: time(200_000_000n) };

export function createLinks(runtime: { readonly timers: Timers; readonly rng: Rng }, initial: Partial<LinkBehaviour> = {}): Links {
  const ends = new Map<NodeId, LinkEnd>();
  const counters = { sent: 0, lost: 0, delivered: 0, cut: 0 };
  let behaviour: LinkBehaviour = { ...QUIET_LINKS, ...initial };
  let groups: readonly (readonly NodeId[])[] | undefined;
  const isolated = new Set<NodeId>();
  const draw = (): number => Buffer.from(runtime.rng.bytes(4)).readUInt32BE();
  const reachable = (from: NodeId, to: NodeId): boolean => from === to || (!isolated.has(from) && !isolated.has(to) && (groups === undefined || groups.some((group) => group.includes(from) && group.includes(to))));
  const nodes = (): readonly NodeId[] => [...ends.keys()].sort();

  const transmit = (from: NodeId, to: NodeId, bytes: Uint8Array): void => {
    if (!ends.has(to)) return;
    // What is sent into a cut link is gone: when it heals, both sides offer again.
    if (!reachable(from, to)) { counters.cut++; return; }
    counters.sent++;
    if (draw() % 1000 < behaviour.lossPerMille) {
      counters.lost++;
      runtime.timers.after(behaviour.retransmitAfter, "retransmit", () => transmit(from, to, bytes));
      return;
    }
    const spread = behaviour.delayMax - behaviour.delayMin;
    const delay = behaviour.delayMin + (spread > 0n ? BigInt(draw()) * spread / (1n << 32n) : 0n);
    runtime.timers.after(time(delay), "deliver", () => {
      const end = ends.get(to);
      if (end === undefined) return;
      if (!reachable(from, to)) { counters.cut++; return; }
      counters.delivered++;
      end.receive(from, bytes);
    });
  };
  const offerAll = (from: NodeId, to: NodeId): void => { for (const bytes of ends.get(from)?.offer(to) ?? []) transmit(from, to, bytes); };
  /** Those who reach each other after a change and did not before offer each other what they have. */
  const reconnect = (change: () => void): void => {
    const apart = nodes().flatMap((from) => nodes().filter((to) => !reachable(from, to)).map((to) => [from, to] as const));
    change();
    for (const [from, to] of apart) if (reachable(from, to)) offerAll(from, to);
  };

  return {
    attach(node, end) {
      ends.set(node, end);
      // Both ways: what it signed before it was gone may be what the others wait for.
      for (const other of nodes()) if (other !== node) { offerAll(other, node); offerAll(node, other); }
    },
    detach: (node) => void ends.delete(node),
    broadcast: (from, bytes) => { for (const to of nodes()) if (to !== from) transmit(from, to, bytes); },
    send: transmit,
    partition: (cut) => { reconnect(() => { groups = cut.map((group) => [...group]); }); },
    isolate: (node) => { isolated.add(node); },
    heal: () => { reconnect(() => { groups = undefined; isolated.clear(); }); },
    behave: (change) => { behaviour = { ...behaviour, ...change }; },
    get behaviour() { return behaviour; },
    reaches: reachable,
    counters,
  };
}
