import { createHash } from "node:crypto";
import type { ConsensusArtifact, ConsensusParams, PoolChange, PoolReader } from "../../src/replica/interfaces/consensus.ts";
import type { Bls, Verifier } from "../../src/replica/interfaces/crypto.ts";
import { aggregateValidator } from "../../src/replica/consensus/aggregateValidator.ts";
import { blockValidator } from "../../src/replica/consensus/blockValidator.ts";
import type { Duty } from "../../src/replica/consensus/duty.ts";
import { notary } from "../../src/replica/consensus/notary.ts";
import { shareAggregator } from "../../src/replica/consensus/shareAggregator.ts";
import { subnetIdOfKey } from "../../src/replica/crypto/der.ts";
import { type SubnetKeys, generateSubnetKeys } from "../../src/replica/crypto/generateKeys.ts";
import { createVerifier } from "../../src/replica/crypto/verifier.ts";
import { type SimulatedRuntime, createSimulatedRuntime } from "../../src/replica/runtime/simulated.ts";
import { type SignedIngress, type SubnetId, type Time, height, time } from "../../src/replica/types/index.ts";
import { type Chance, createChance } from "./chance.ts";
import { linearBls } from "./linearBls.ts";
import { type LinkPlan, type Parcel, type SimulatedLinks, createSimulatedLinks } from "./simulatedLinks.ts";
import { type Disk, type SimulatedNode, type Surroundings, createJournal, createSimulatedNode, emptyPayloads } from "./simulatedNode.ts";
import { type SimulatedState, type Snapshot, createHashChain } from "./simulatedState.ts";

export const ms = (value: number) => time(BigInt(Math.round(value * 1_000_000)));

/** What a faulty node does instead of what it should. */
export interface Role {
  /** Duties in place of those of the same names. */
  readonly duties?: readonly Duty[];
  /** What it really sends instead of an artifact; undefined: nothing. */
  tamper?(artifact: ConsensusArtifact, to: number): Uint8Array | undefined;
  /** What it sends besides, after each of its steps; to everybody, or to those named. */
  mischief?(node: SimulatedNode): readonly { readonly bytes: Uint8Array; readonly to?: readonly number[] }[];
}

/** Who looks on, with a view that no node has. Called for honest nodes alone. */
export interface Watch {
  /** Before the changes of a duty are applied. */
  change?(node: SimulatedNode, duty: string, changes: readonly PoolChange[], pool: PoolReader): void;
  /** After a step; `sent`: what it has just made or validated. */
  step?(node: SimulatedNode, sent: readonly ConsensusArtifact[]): void;
  /** A node began a life: from its disk, or from another's state. */
  began?(node: SimulatedNode, how: "start" | "restart" | "sync"): void;
  /** When everything has ended. */
  end?(): void;
}

export interface ClusterOptions {
  readonly nodes: number;
  readonly seed?: string;
  readonly name?: string;
  readonly runtime?: SimulatedRuntime;
  readonly bls?: Bls;
  readonly verifier?: Verifier;
  readonly keys?: SubnetKeys;
  readonly links?: Partial<LinkPlan>;
  readonly params?: Partial<ConsensusParams>;
  readonly roles?: ReadonlyMap<number, Role>;
  /** Members of whom there are two, in the places behind the members'. */
  readonly twins?: readonly number[];
  /** Nodes whose state differs from a height on. */
  readonly corruptState?: ReadonlyMap<number, number>;
  readonly skewMs?: ReadonlyMap<number, number>;
  /** How long a step's work is under way: what arrives meanwhile is looked at together. */
  readonly stepMs?: number;
  /** How long until what a step made is on disk and leaves. */
  readonly flushMs?: number;
  /** How long a state travels. */
  readonly syncMs?: number;
  readonly surroundings?: (place: number, from: Snapshot | undefined, node: { readonly honest: boolean; readonly corruptAt: number | undefined; readonly now: () => Time }) => Surroundings;
  readonly tell?: (text: string) => void;
  /** All honest nodes have this fault. */
  readonly planted?: readonly Duty[];
  readonly watches?: (cluster: Cluster) => readonly Watch[];
}

export interface Cluster {
  readonly name: string;
  readonly subnetId: SubnetId;
  readonly runtime: SimulatedRuntime;
  readonly verifier: Verifier;
  readonly keys: SubnetKeys;
  readonly links: SimulatedLinks;
  readonly chance: Chance;
  readonly params: ConsensusParams;
  /** By place. */
  readonly nodes: readonly SimulatedNode[];
  readonly honest: readonly SimulatedNode[];
  /** Counts of the whole run. */
  readonly counters: { steps: number; crashes: number; syncs: number; lies: number; floods: number };
  isHonest(place: number): boolean;
  isAlive(place: number): boolean;
  /** Whether it broke the rules at some time of the run. */
  wasFaulty(member: number): boolean;
  crash(place: number): void;
  restart(place: number): void;
  /** From its next life on, this node keeps the rules (or breaks them in this way). */
  setRole(place: number, role: Role | undefined): void;
  /** It forgets everything but its own keys, and begins anew with a state that is whole. */
  wipe(place: number): void;
  skew(place: number, offsetMs: number): void;
  partition(groups: readonly (readonly number[])[]): void;
  heal(): void;
  kick(place: number): void;
  /** A user's message to a node, and from there to the others. */
  submit(place: number, message: SignedIngress): void;
  run(durationMs: number): void;
  end(): void;
  /** Of everything that happened: equal for equal seeds. */
  hash(): string;
}

export const PARAMS: ConsensusParams = { unitDelay: ms(100), initialNotaryDelay: ms(5), idleBlockInterval: ms(20), dkgIntervalLength: 19, dkgIntervalTime: ms(0) };
const WATCHED: readonly Duty[] = [shareAggregator, aggregateValidator, blockValidator, notary];

/** A node without users, whose state is a hash chain. */
export const plainSurroundings = (state: SimulatedState): Surroundings =>
  ({ state, payloads: emptyPayloads, decodeIngress: () => undefined, hasWork: () => false, submit: () => undefined, keepFrom: () => undefined });

/** A subnet of nodes that know only what their links brought them. Steps are taken when something arrives or a deadline comes. */
export function createCluster(options: ClusterOptions): Cluster {
  const runtime = options.runtime ?? createSimulatedRuntime(options.seed ?? "seed"), name = options.name ?? "subnet", rng = runtime.rng.fork(name), genesisTime = runtime.clock.now();
  const bls = options.bls ?? linearBls, verifier = options.verifier ?? createVerifier(bls), keys = options.keys ?? generateSubnetKeys(bls, rng.fork("keys"), options.nodes);
  const links = createSimulatedLinks(runtime.timers, createChance(rng.fork("links")), options.links), params: ConsensusParams = { ...PARAMS, ...options.params };
  const corrupt = new Map(options.corruptState), corrupted = new Set(corrupt.keys());
  const members = [...keys.stores.keys(), ...options.twins ?? []], roles = new Map(options.roles), skews = new Map(options.skewMs);
  const counters = { steps: 0, crashes: 0, syncs: 0, lies: 0, floods: 0 }, history = createHash("sha256"), watches: Watch[] = [];
  const nodes: SimulatedNode[] = [], journals: ReturnType<typeof createJournal>[] = [], seen: Set<string>[] = [], alive = members.map(() => true), syncing = new Set<number>();
  const queued = new Set<number>(), cancels = new Map<number, () => void>(), interned = new Map<string, Uint8Array>();
  const faulty = new Set([...roles.keys(), ...options.twins ?? []].map((place) => members[place]!));
  const stepMs = options.stepMs ?? 0.2, flushMs = options.flushMs ?? 0;
  const isHonest = (place: number): boolean => !roles.has(place) && place < keys.stores.length && options.twins?.includes(place) !== true && !corrupted.has(place);
  const skewOf = (place: number): bigint => ms(skews.get(place) ?? 0);

  const observed = (place: number): readonly Duty[] => watches.some(({ change }) => change !== undefined) ? WATCHED.map((duty): Duty => ({
    name: duty.name,
    onStateChange(pool, context) {
      const changes = duty.onStateChange(pool, context);
      if (changes.length > 0) for (const watch of watches) watch.change?.(nodes[place]!, duty.name, changes, pool);
      return changes;
    },
  })) : [];
  const make = (place: number, life: number, disk: Disk, restore: boolean): SimulatedNode => createSimulatedNode({
    keys, place, member: members[place]!, life, verifier, params, genesisTime, disk, restore, clock: { now: () => time(runtime.clock.now() + skewOf(place)) },
    duties: isHonest(place) ? [...options.planted ?? [], ...observed(place)] : roles.get(place)?.duties ?? [],
    surroundings: options.surroundings?.(place, disk.checkpoint, { honest: isHonest(place), corruptAt: corrupt.get(place), now: () => time(runtime.clock.now() + skewOf(place)) }) ?? plainSurroundings(createHashChain(corrupt.get(place), disk.checkpoint)),
  });
  const begin = (place: number, node: SimulatedNode, how: "start" | "restart"): void => {
    nodes[place] = node;
    journals[place] = createJournal(node);
    seen[place] = new Set();
    links.attach(place, (parcel, from) => receive(place, parcel, from));
    if (isHonest(place)) for (const watch of watches) watch.began?.(node, how);
    stepSoon(place, 0);
  };
  const receive = (place: number, { id, bytes, ingress }: Parcel, from: number): void => {
    const known = seen[place]!;
    if (known.has(id)) return;
    if (ingress !== undefined) { nodes[place]!.surroundings.submit(ingress); stepSoon(place, stepMs); return; }
    if (nodes[place]!.consensus.receive(bytes, nodes[from]!.id)) { known.add(id); stepSoon(place, stepMs); }
  };
  const stepSoon = (place: number, after: number): void => {
    if (queued.has(place)) return;
    queued.add(place);
    runtime.timers.after(ms(after), "step", () => { queued.delete(place); if (alive[place]) step(place); });
  };
  const parcelOf = ({ id, bytes }: ConsensusArtifact): Parcel => {
    let shared = interned.get(id);
    if (shared === undefined) interned.set(id, shared = bytes);
    return { id, bytes: shared };
  };
  const sendOut = (place: number, to: number, artifact: ConsensusArtifact): void => {
    const tamper = roles.get(place)?.tamper;
    if (tamper === undefined) { if (!seen[to]!.has(artifact.id)) links.send(place, to, parcelOf(artifact)); return; }
    const bytes = tamper(artifact, to);
    if (bytes === artifact.bytes) { links.send(place, to, parcelOf(artifact)); return; }
    counters.lies++;
    if (bytes !== undefined) links.send(place, to, { id: `lie ${place}:${counters.lies}`, bytes });
  };
  const others = (place: number): readonly number[] => [...nodes.keys()].filter((to) => to !== place && alive[to]);
  const flush = (node: SimulatedNode, sent: readonly ConsensusArtifact[], entries: readonly ConsensusArtifact[], checkpoint: Snapshot | undefined): void => {
    const { place, life, disk } = node;
    if (nodes[place]?.life !== life || !alive[place]) return; // it crashed before any of this was on disk
    for (const { id, height: at, bytes } of entries) disk.journal.set(id, { height: at, bytes });
    if (checkpoint !== undefined) {
      disk.checkpoint = checkpoint;
      const needed = Math.min(checkpoint.height, node.consensus.heights.catchUp);
      for (const [id, entry] of disk.journal) if (entry.height < needed) disk.journal.delete(id);
    }
    const receivers = others(place);
    for (const artifact of sent) for (const to of receivers) sendOut(place, to, artifact);
    for (const { bytes, to } of roles.get(place)?.mischief?.(node) ?? []) {
      counters.floods++;
      for (const receiver of to ?? receivers) if (receiver !== place) links.send(place, receiver, { id: `mischief ${place}:${counters.floods}`, bytes });
    }
  };
  const checkpointed = new Map<number, number>();
  const step = (place: number): void => {
    const node = nodes[place]!, { consensus, state } = node, executed = state.deliveries.length;
    counters.steps++;
    let passes = 0;
    do consensus.advance(); while (consensus.prepare() && ++passes < 100);
    node.surroundings.keepFrom(consensus.pool.finalized(consensus.heights.finalized)?.block.context.certifiedHeight ?? height(0));
    const sent = consensus.outgoing();
    for (const { id } of sent) seen[place]!.add(id);
    // A step that makes nothing valid and executes nothing shows no more than the one before it.
    if (isHonest(place) && (sent.length > 0 || state.deliveries.length !== executed)) for (const watch of watches) watch.step?.(node, sent);
    if (sent.length > 0) history.update(`${place}@${runtime.clock.now()}:${sent.map(({ id }) => id).join()}`);
    const summary = state.deliveries.findLast(({ batch }) => batch.requiresCheckpoint)?.batch.height, due = summary !== undefined && checkpointed.get(place) !== summary ? summary : undefined;
    if (due !== undefined) checkpointed.set(place, due);
    const entries = sent.length === 0 ? [] : journals[place]!(sent), snapshot = due === undefined ? undefined : state.snapshot(due);
    if (flushMs === 0) flush(node, sent, entries, snapshot);
    else if (sent.length + entries.length > 0 || snapshot !== undefined || roles.get(place)?.mischief !== undefined) runtime.timers.after(ms(flushMs), "flush", () => flush(node, sent, entries, snapshot));
    syncWhenBehind(node);
    cancels.get(place)?.();
    const deadline = consensus.nextDeadline;
    if (deadline !== undefined) {
      const wait = deadline - runtime.clock.now() - skewOf(place);
      cancels.set(place, runtime.timers.after(time(wait > 0n ? wait : 1n), "deadline", () => { if (alive[place] && !queued.has(place)) step(place); }));
    }
  };
  const offer = (from: number, to: number): void => { for (const artifact of nodes[from]!.consensus.offer()) sendOut(from, to, artifact); };
  /** Rule 12: what a package proves and nobody can replay any more is fetched. */
  const syncWhenBehind = (node: SimulatedNode): void => {
    const { consensus, state, place, life } = node, target = consensus.heights.catchUp;
    if (target <= state.height || syncing.has(place) || Array.from({ length: target - state.height }, (_, i) => consensus.pool.finalized(state.height + 1 + i as never)).every((block) => block !== undefined)) return;
    syncing.add(place);
    runtime.timers.after(ms(options.syncMs ?? 20), "sync", () => {
      syncing.delete(place);
      if (nodes[place]?.life !== life || !alive[place]) return;
      const content = consensus.pool.at("catchUpPackage", target)[0]?.content, wanted = content === undefined ? undefined : Buffer.from(content.stateHash).toString("hex");
      const source = others(place).map((other) => nodes[other]!).filter((other) => links.reachable(other.place, place)).map((other) => other.state.snapshot(target) ?? other.disk.checkpoint).find((snapshot) => snapshot?.height === target && snapshot.hash === wanted);
      if (source !== undefined && source.height > state.height) {
        counters.syncs++;
        options.tell?.(`${name}: node ${place} takes the state of height ${target} from another`);
        state.adopt(source);
        // What is above the package was out of reach when it was offered (src/replica/nodeCatchUp.ts).
        for (const other of others(place)) if (links.reachable(other, place)) offer(other, place);
        if (isHonest(place)) for (const watch of watches) watch.began?.(node, "sync");
      }
      stepSoon(place, source === undefined ? 50 : 0);
    });
  };
  let groups: readonly (readonly number[])[] | undefined;

  const cluster: Cluster = {
    name, subnetId: subnetIdOfKey(keys.transcripts.high.publicCoefficients[0]!), runtime, verifier, keys, links, params, nodes, counters, chance: createChance(rng.fork("chance")),
    get honest() { return nodes.filter(({ place }) => isHonest(place)); },
    isHonest, isAlive: (place) => alive[place]!, wasFaulty: (member) => faulty.has(member),
    crash(place) {
      if (!alive[place]) return;
      counters.crashes++;
      alive[place] = false;
      cancels.get(place)?.();
      links.detach(place);
    },
    restart(place) {
      if (alive[place]) return;
      const before = nodes[place]!;
      alive[place] = true;
      checkpointed.delete(place);
      begin(place, make(place, before.life + 1, before.disk, true), "restart");
      for (const other of others(place)) { offer(other, place); offer(place, other); }
    },
    setRole(place, role) { if (role === undefined) roles.delete(place); else { roles.set(place, role); faulty.add(members[place]!); } },
    wipe(place) {
      cluster.crash(place);
      corrupt.delete(place);
      nodes[place]!.disk.journal.clear();
      nodes[place]!.disk.checkpoint = undefined;
      cluster.restart(place);
    },
    skew(place, offsetMs) { skews.set(place, offsetMs); },
    partition(cut) { groups = cut; links.cut(cut); },
    heal() {
      const before = groups;
      groups = undefined;
      links.cut(undefined);
      if (before === undefined) return;
      const together = (a: number, b: number): boolean => before.some((group) => group.includes(a) && group.includes(b));
      for (const { place: from } of nodes) for (const to of others(from)) if (alive[from] && !together(from, to)) offer(from, to);
    },
    kick: (place) => stepSoon(place, 0),
    submit(place, message) {
      nodes[place]!.surroundings.submit(message);
      for (const to of others(place)) links.send(place, to, { id: `ingress ${message.messageId}`, bytes: message.envelope, ingress: message });
      stepSoon(place, 0);
    },
    run(durationMs) { runtime.advanceTo(time(runtime.clock.now() + ms(durationMs))); },
    end() { for (const watch of watches) watch.end?.(); },
    hash: () => history.copy().digest("hex"),
  };
  watches.push(...options.watches?.(cluster) ?? []);
  for (const place of members.keys()) begin(place, make(place, 0, { journal: new Map(), checkpoint: undefined, shares: keys.stores[members[place]!]!.shares }, false), "start");
  return cluster;
}
