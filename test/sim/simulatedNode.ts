import type { Consensus, ConsensusArtifact, ConsensusParams, PayloadBuilder } from "../../src/replica/interfaces/consensus.ts";
import type { Clock } from "../../src/replica/interfaces/runtime.ts";
import { createConsensus } from "../../src/replica/consensus/createConsensus.ts";
import type { Duty } from "../../src/replica/consensus/duty.ts";
import { subnetIdOfKey } from "../../src/replica/crypto/der.ts";
import type { SubnetKeys } from "../../src/replica/crypto/generateKeys.ts";
import { type KeyStore, createNodeKeys } from "../../src/replica/crypto/keyStore.ts";
import type { Verifier } from "../../src/replica/crypto/verifier.ts";
import { type Height, type NodeId, type SignedIngress, type Time, height, ok, registryVersion } from "../../src/replica/types/index.ts";
import type { SimulatedState, Snapshot } from "./simulatedState.ts";

/** What of a node outlives a crash. */
export interface Disk { readonly journal: Map<string, { readonly height: number; readonly bytes: Uint8Array }>; checkpoint: Snapshot | undefined; /** By transcript id. */ shares: Readonly<Record<string, string>> }

export interface SimulatedNode {
  readonly id: NodeId;
  /** Where it sits: twins of a node sit elsewhere. */
  readonly place: number;
  /** Which of the subnet's members it is. */
  readonly member: number;
  /** Counts its starts. */
  readonly life: number;
  readonly consensus: Consensus;
  readonly state: SimulatedState;
  readonly surroundings: Surroundings;
  readonly keyStore: KeyStore;
  /** Ids of the other members. */
  readonly peers: readonly NodeId[];
  readonly disk: Disk;
}

/** What a node is beside its consensus: where its payloads come from and who reads them. */
export interface Surroundings {
  readonly state: SimulatedState;
  readonly payloads: PayloadBuilder;
  decodeIngress(envelope: Uint8Array): SignedIngress | undefined;
  hasWork(): boolean;
  /** A user's message, from the user or from another node. */
  submit(message: SignedIngress): void;
  /** States from this height on are needed to judge payloads. */
  keepFrom(height: Height): void;
}
export const emptyPayloads: PayloadBuilder = { build: () => ({ ingress: [], xnet: [], consensusResponses: [] }), validate: () => ok(undefined) };

export interface NodeParts {
  readonly keys: SubnetKeys; readonly place: number; readonly member: number; readonly life: number; readonly verifier: Verifier; readonly clock: Clock;
  readonly params: ConsensusParams; readonly genesisTime: Time; readonly duties: readonly Duty[]; readonly surroundings: Surroundings; readonly disk: Disk;
  /** Whether its journal is read: it lived before. */
  readonly restore?: boolean;
}

export function createSimulatedNode(parts: NodeParts): SimulatedNode {
  const { keys, place, member, life, verifier, clock, params, disk, surroundings } = parts, { state } = surroundings, keyStore: KeyStore = { ...keys.stores[member]!, shares: disk.shares };
  const consensus = createConsensus({
    nodeId: keyStore.nodeId, subnetId: subnetIdOfKey(keys.transcripts.high.publicCoefficients[0]!), membership: keys.members, transcripts: keys.transcripts,
    keys: createNodeKeys(keyStore, [keys.transcripts.low, keys.transcripts.high], verifier, undefined, (id, share) => {
      const { [id]: _, ...others } = disk.shares;
      disk.shares = share === undefined ? others : { ...others, [id]: share };
    }),
    verifier, clock, params, genesis: { time: parts.genesisTime, registryVersion: registryVersion(1) }, payloadBuilder: surroundings.payloads, decodeIngress: surroundings.decodeIngress,
    registryVersion: () => registryVersion(1), stateInfo: state, expectedBatchHeight: () => height(state.height + 1),
    deliverBatch: (batch, block) => state.deliver(batch, block), hasWork: surroundings.hasWork,
  }, parts.duties);
  if (parts.restore === true) consensus.restore([...disk.journal.values()].map(({ bytes }) => bytes));
  return { id: keyStore.nodeId, place, member, life, consensus, state, surroundings, keyStore, disk, peers: keys.members.map(({ nodeId }) => nodeId).filter((id) => id !== keyStore.nodeId) };
}

/** What is new for the journal since it was asked last, as a real node writes it (`journal` in src/replica/node.ts). @param sent since then: other heights have nothing new */
export function createJournal({ consensus }: Pick<SimulatedNode, "consensus">): (sent: readonly ConsensusArtifact[]) => readonly ConsensusArtifact[] {
  const journaled = new Set<string>();
  let below = 0;
  const fresh = (at: number): readonly ConsensusArtifact[] => consensus.poolAt(height(at)).filter(({ id }) => !journaled.has(id));
  return (sent) => {
    const { finalized, certified, catchUp } = consensus.heights, entries: ConsensusArtifact[] = [];
    const take = (artifacts: readonly ConsensusArtifact[]): void => { for (const artifact of artifacts) { journaled.add(artifact.id); entries.push(artifact); } };
    for (const at of new Set(sent.map((artifact) => artifact.height).sort((a, b) => a - b))) if (at >= below) take(fresh(at));
    take(fresh(catchUp).filter(({ kind }) => kind === "catchUpPackage"));
    const done = Math.min(finalized, certified) - 1;
    for (; below < done; below++) for (const { id } of consensus.poolAt(height(below))) journaled.delete(id);
    return entries;
  };
}
