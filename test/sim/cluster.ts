import { createHash } from "node:crypto";
import type { ConsensusArtifact, ConsensusParams, PayloadBuilder } from "../../src/replica/interfaces/consensus.ts";
import type { Bls } from "../../src/replica/interfaces/crypto.ts";
import type { Duty } from "../../src/replica/consensus/duty.ts";
import { generateSubnetKeys } from "../../src/replica/crypto/generateKeys.ts";
import { createVerifier } from "../../src/replica/crypto/verifier.ts";
import { type LinkBehaviour, type Links, createLinks } from "../../src/replica/gossip/links.ts";
import { type SimulatedRuntime, createSimulatedRuntime } from "../../src/replica/runtime/simulated.ts";
import { time } from "../../src/replica/types/index.ts";
import { type Invariants, createInvariants } from "./invariants.ts";
import { linearBls } from "./linearBls.ts";
import { type SimulatedNode, createSimulatedNode, createSimulatedState } from "./simulatedNode.ts";

export const ms = (value: number) => time(BigInt(Math.round(value * 1_000_000)));

export interface ClusterOptions {
  readonly seed: string;
  readonly nodes: number;
  readonly bls?: Bls;
  readonly links?: Partial<LinkBehaviour>;
  readonly params?: Partial<ConsensusParams>;
  /** Nodes that do not keep the rules, and the duties they have instead. */
  readonly byzantine?: ReadonlyMap<number, readonly Duty[]>;
  /** Whether an artifact of a node goes to another one: for liars that tell different things to different nodes. */
  readonly route?: (from: number, artifact: ConsensusArtifact, to: number) => boolean;
  /** What a node really sends instead of an artifact's bytes. */
  readonly tamper?: (from: number, artifact: ConsensusArtifact) => Uint8Array;
  readonly corruptState?: ReadonlyMap<number, number>;
  readonly skewMs?: ReadonlyMap<number, number>;
  readonly payloads?: PayloadBuilder;
  /** All nodes have this fault: planted to see whether the invariants catch it. */
  readonly planted?: readonly Duty[];
}

export interface Cluster {
  readonly runtime: SimulatedRuntime;
  readonly links: Links;
  readonly nodes: readonly SimulatedNode[];
  readonly invariants: Invariants;
  readonly honest: readonly SimulatedNode[];
  crash(index: number): void;
  restart(index: number): void;
  run(durationMs: number): void;
  /** Of everything that happened: equal for equal seeds. */
  hash(): string;
}

const PARAMS: ConsensusParams = { unitDelay: ms(100), initialNotaryDelay: ms(5), idleBlockInterval: ms(20), dkgIntervalLength: 19, dkgIntervalTime: ms(0) };

/** A subnet of nodes that know only what their links brought them. Steps are taken when something arrives or a deadline comes. */
export function createCluster(options: ClusterOptions): Cluster {
  const runtime = createSimulatedRuntime(options.seed), bls = options.bls ?? linearBls, verifier = createVerifier(bls), genesisTime = runtime.clock.now();
  const keys = generateSubnetKeys(bls, runtime.rng.fork("keys"), options.nodes);
  const links = createLinks({ timers: runtime.timers, rng: runtime.rng.fork("links") }, options.links);
  const invariants = createInvariants(), history = createHash("sha256");
  const nodes: SimulatedNode[] = [], journals: ConsensusArtifact[][] = keys.stores.map(() => []), alive: boolean[] = keys.stores.map(() => true);
  const isHonest = (index: number): boolean => options.byzantine?.has(index) !== true && options.corruptState?.has(index) !== true;
  const queued = new Set<number>(), cancels = new Map<number, () => void>();

  const make = (index: number): SimulatedNode => createSimulatedNode({
    keys, store: keys.stores[index]!, index, verifier, genesisTime, params: { ...PARAMS, ...options.params }, hasWork: () => false,
    clock: runtime.skewed(ms(options.skewMs?.get(index) ?? 0)), duties: options.byzantine?.get(index) ?? options.planted ?? [],
    state: createSimulatedState(options.corruptState?.get(index)), ...(options.payloads === undefined ? {} : { payloads: options.payloads }),
  });
  const stepSoon = (index: number): void => {
    if (queued.has(index)) return;
    queued.add(index);
    runtime.timers.after(time(0n), "step", () => { queued.delete(index); if (alive[index]) step(index); });
  };
  const step = (index: number): void => {
    const node = nodes[index]!;
    for (let passes = 0; passes < 100 && node.consensus.step(); passes++);
    const sent = node.consensus.outgoing();
    journals[index]!.push(...sent);
    if (isHonest(index)) invariants.check(node, sent);
    for (const artifact of sent) {
      history.update(String(index)).update(artifact.id).update(String(runtime.clock.now()));
      const bytes = options.tamper?.(index, artifact) ?? artifact.bytes;
      for (const to of nodes) if (to.index !== index && options.route?.(index, artifact, to.index) !== false) links.send(node.id, to.id, bytes);
    }
    cancels.get(index)?.();
    const deadline = node.consensus.nextDeadline;
    if (deadline !== undefined) {
      const wait = deadline - runtime.clock.now() - ms(options.skewMs?.get(index) ?? 0);
      cancels.set(index, runtime.timers.after(time(wait > 0n ? wait : 1n), "deadline", () => { if (alive[index]) step(index); }));
    }
  };
  const attach = (node: SimulatedNode): void => links.attach(node.id, {
    receive(_, bytes) { if (node.consensus.receive(bytes)) stepSoon(node.index); },
    offer: () => node.consensus.offer().map(({ bytes }) => bytes),
  });
  for (const { nodeId } of keys.stores) nodes.push(make(keys.stores.findIndex((store) => store.nodeId === nodeId)));
  for (const node of nodes) { attach(node); stepSoon(node.index); }

  return {
    runtime, links, nodes, invariants,
    get honest() { return nodes.filter(({ index }) => isHonest(index)); },
    crash(index) {
      alive[index] = false;
      cancels.get(index)?.();
      links.detach(nodes[index]!.id);
    },
    restart(index) {
      const before = nodes[index]!, node = make(index);
      // The journal of a node: what is durable of each height, and every share it ever sent.
      const durable = Array.from({ length: before.consensus.heights.notarized + 2 }, (_, at) => before.consensus.poolAt(at as never)).flat();
      node.consensus.restore([...durable, ...journals[index]!].map(({ bytes }) => bytes));
      nodes[index] = node;
      alive[index] = true;
      attach(node);
      for (const other of nodes) if (other.index !== index && alive[other.index]) for (const { bytes } of node.consensus.offer()) links.send(node.id, other.id, bytes);
      stepSoon(index);
    },
    run(durationMs) { runtime.advanceTo(time(runtime.clock.now() + ms(durationMs))); },
    hash: () => history.copy().update(JSON.stringify([...invariants.finalized])).update(JSON.stringify([...invariants.roots])).digest("hex"),
  };
}
