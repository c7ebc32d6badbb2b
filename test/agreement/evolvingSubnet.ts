import { createHash } from "node:crypto";
import type { Duty } from "../../src/replica/consensus/duty.ts";
import { createConsensus } from "../../src/replica/consensus/createConsensus.ts";
import { type SubnetKeys, generateNodeKeys, generateSubnetKeys, publicKeysOf } from "../../src/replica/crypto/generateKeys.ts";
import { subnetIdOfKey } from "../../src/replica/crypto/der.ts";
import { type KeyStore, createNodeKeys } from "../../src/replica/crypto/keyStore.ts";
import { createVerifier } from "../../src/replica/crypto/verifier.ts";
import type { Certification, Consensus, ConsensusArtifact, ConsensusParams, DkgSummary, StateInfo } from "../../src/replica/interfaces/consensus.ts";
import type { Bls, NodeKeys, NodePublicKeys } from "../../src/replica/interfaces/crypto.ts";
import { createSeededRng } from "../../src/replica/runtime/seededRng.ts";
import { type Batch, type Hash, type NodeId, type RegistryVersion, bytesFromHex, height, ok, registryVersion, time } from "../../src/replica/types/index.ts";

/** A subnet whose membership changes: real consensus over links without delay, a hash chain for a state, a list of members for a registry. */
export interface EvolvingNode {
  readonly id: NodeId;
  readonly consensus: Consensus;
  readonly keys: NodeKeys;
  /** What is on the node's disk: its first key store, and shares that it learned later. */
  readonly store: KeyStore;
  readonly shares: Map<string, string>;
  readonly batches: Batch[];
  readonly certified: Certification[];
  readonly sent: ConsensusArtifact[];
}
export interface EvolvingSubnet {
  readonly keys: SubnetKeys;
  readonly nodes: readonly EvolvingNode[];
  /** Public keys of all nodes, members or not, in the order of `nodes`. */
  readonly publicKeys: readonly NodePublicKeys[];
  /** The next registry version: these nodes are members. */
  setMembers(members: readonly NodePublicKeys[]): RegistryVersion;
  /** These nodes neither send nor receive. */
  readonly silent: Set<NodeId>;
  /** Until every node that is not silent has executed this height. @throws when time alone does not help */
  runTo(height: number): void;
  /** Summaries of the finalized chain, by height. */
  summaries(): ReadonlyMap<number, DkgSummary>;
}
export interface EvolvingOptions {
  readonly bls: Bls;
  readonly seed: string;
  readonly nodes: number;
  /** Nodes that are no members at first: they follow the chain. */
  readonly spares?: number;
  readonly intervalLength?: number;
  readonly duties?: (index: number) => readonly Duty[];
  readonly wrapKeys?: (index: number, keys: NodeKeys) => NodeKeys;
  /** The replica version that the registry names; absent: the first one. */
  readonly replicaVersion?: string;
  /** Whether a registry version wants the subnet to stop at its next summary. */
  readonly haltsAt?: (version: RegistryVersion) => boolean;
  /** While it is slow nobody knows the hash of a checkpoint. */
  readonly checkpoints?: { readonly slow: boolean | ((height: number) => boolean) };
}

const second = 1_000_000_000n;
const EMPTY_BATCH = { ingress: [], xnet: [], consensusResponses: [] };

export function createEvolvingSubnet({ bls, seed, nodes: count, spares = 0, intervalLength = 9, duties, wrapKeys, replicaVersion, haltsAt, checkpoints }: EvolvingOptions): EvolvingSubnet {
  const rng = createSeededRng(Buffer.from(seed)), keys = generateSubnetKeys(bls, rng.fork("subnet"), count), verifier = createVerifier(bls);
  const stores = [...keys.stores, ...Array.from({ length: spares }, (_, i) => generateNodeKeys(rng.fork(`spare ${i}`)))];
  const publicKeys = stores.map((store) => publicKeysOf(bls, store)), versions: (readonly NodePublicKeys[])[] = [keys.members];
  const params: ConsensusParams = { unitDelay: time(second), initialNotaryDelay: time(0n), idleBlockInterval: time(second), dkgIntervalLength: intervalLength, dkgIntervalTime: time(0n), ...(haltsAt !== undefined && { haltsAt }) };
  const start = time(1_700_000_000n * second), silent = new Set<NodeId>(), summaries = new Map<number, DkgSummary>();
  let now = start, target = 0;

  const nodes = stores.map((store, index): EvolvingNode => {
    const shares = new Map<string, string>(), batches: Batch[] = [], certified: Certification[] = [], roots = ["00".repeat(32)];
    const made = createNodeKeys(store, [keys.transcripts.low, keys.transcripts.high], verifier, undefined, (id, share) => { if (share === undefined) shares.delete(id); else shares.set(id, share); });
    const own = wrapKeys?.(index, made) ?? made;
    const stateInfo: StateInfo = {
      get latestCertifiedHeight() { return height(certified.at(-1)?.height ?? 0); },
      hashesToCertify: () => roots.slice((certified.at(-1)?.height ?? 0) + 1).map((root, i) => ({ height: height((certified.at(-1)?.height ?? 0) + 1 + i), hash: bytesFromHex(root) as Hash<"StateRoot"> })),
      deliverCertification: (certification) => { certified.push(certification); },
      checkpointHash: (at) => roots[at] === undefined || checkpoints?.slow === true || (typeof checkpoints?.slow === "function" && checkpoints.slow(at)) ? undefined : bytesFromHex(roots[at]) as Hash<"State">,
    };
    const consensus: Consensus = createConsensus({
      nodeId: store.nodeId, subnetId: subnetIdOfKey(keys.transcripts.high.publicCoefficients[0]!), keys: own, membership: keys.members, transcripts: keys.transcripts, verifier, clock: { now: () => now }, params,
      ...(replicaVersion !== undefined && { replicaVersionAt: () => replicaVersion }), membersAt: (version) => versions[version - 1], genesis: { time: start, registryVersion: registryVersion(1) }, payloadBuilder: { build: () => EMPTY_BATCH, validate: () => ok(undefined) },
      decodeIngress: () => undefined, registryVersion: () => registryVersion(versions.length), stateInfo, expectedBatchHeight: () => height(roots.length),
      deliverBatch(batch) {
        batches.push(batch);
        roots.push(createHash("sha256").update(roots.at(-1)!).update(String(batch.time)).update(batch.randomness).digest("hex"));
        const { payload } = consensus.pool.finalized(batch.height)!.block;
        if (payload.kind === "summary") summaries.set(batch.height, payload.dkg);
      },
      hasWork: () => roots.length <= target,
    }, duties?.(index));
    return { id: store.nodeId, consensus, keys: made, store, shares, batches, certified, sent: [] };
  });
  const genesis = nodes[0]!.consensus.pool.finalized(height(0))!.block.payload;
  if (genesis.kind === "summary") summaries.set(0, genesis.dkg);

  /** All that can happen without time: whoever sent something is heard by everybody. */
  function settle(): void {
    for (let moved = true; moved;) {
      moved = false;
      for (const node of nodes) {
        if (silent.has(node.id)) continue;
        moved = node.consensus.step() || moved; // a lone notary could run far ahead of those who deal with it
        for (const artifact of node.consensus.outgoing()) {
          moved = true;
          node.sent.push(artifact);
          for (const other of nodes) if (other !== node && !silent.has(other.id)) other.consensus.receive(artifact.bytes, node.id);
        }
      }
    }
  }
  const isDone = (): boolean => nodes.every(({ id, batches }) => silent.has(id) || batches.length >= target);
  return {
    keys, nodes, publicKeys, silent,
    setMembers(members) { return registryVersion(versions.push(members)); },
    runTo(at) {
      target = at;
      for (let turns = 0; !isDone(); turns++) {
        if (turns > 40 * (at + 10)) throw new RangeError(`stuck at ${nodes.map(({ batches }) => batches.length).join(" ")}`);
        settle();
        const deadline = nodes.filter(({ id }) => !silent.has(id)).map(({ consensus }) => consensus.nextDeadline).filter((due) => due !== undefined && due > now).sort((a, b) => Number(a! - b!))[0];
        now = deadline ?? time(now + second / 100n);
      }
    },
    summaries: () => summaries,
  };
}
