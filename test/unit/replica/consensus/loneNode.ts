import { createHash } from "node:crypto";
import type { Certification, Consensus, ConsensusArtifact, ConsensusParams, DeliveredBlock, PayloadBuilder, StateInfo } from "../../../../src/replica/interfaces/consensus.ts";
import type { KeyStore } from "../../../../src/replica/crypto/keyStore.ts";
import { createNodeKeys } from "../../../../src/replica/crypto/keyStore.ts";
import type { SubnetKeys } from "../../../../src/replica/crypto/generateKeys.ts";
import { subnetIdOfKey } from "../../../../src/replica/crypto/der.ts";
import type { Verifier } from "../../../../src/replica/crypto/verifier.ts";
import { createConsensus } from "../../../../src/replica/consensus/createConsensus.ts";
import type { Duty } from "../../../../src/replica/consensus/duty.ts";
import { type Batch, type Hash, type Height, type NodeId, ok, bytesFromHex, height, registryVersion } from "../../../../src/replica/types/index.ts";
import type { Clock } from "../../../../src/replica/interfaces/runtime.ts";

/** The state of a simulated subnet: a hash chain of its batches. Equal chains mean equal batches in equal order. */
export interface SimulatedState extends StateInfo {
  readonly height: Height;
  readonly batches: readonly Batch[];
  readonly blocks: readonly DeliveredBlock[];
  readonly certified: readonly Certification[];
  deliver(batch: Batch, block: DeliveredBlock): void;
  rootAt(height: number): string | undefined;
}

const digestOf = (batch: Batch, previous: string): string => createHash("sha256").update(previous).update(String(batch.height)).update(String(batch.time))
  .update(String(batch.registryVersion)).update(batch.randomness).update(String(batch.requiresCheckpoint)).update(JSON.stringify(batch.ingress.map((m) => m.messageId))).digest("hex");

/** @param corruptAt from this height on the state differs from everyone else's */
export function createSimulatedState(corruptAt = Number.POSITIVE_INFINITY): SimulatedState {
  const roots: string[] = ["00".repeat(32)], batches: Batch[] = [], blocks: DeliveredBlock[] = [], certified: Certification[] = [];
  let certifiedHeight = height(0);
  return {
    get height() { return height(roots.length - 1); },
    batches, blocks, certified,
    get latestCertifiedHeight() { return certifiedHeight; },
    hashesToCertify: () => roots.slice(certifiedHeight + 1).map((root, i) => ({ height: height(certifiedHeight + 1 + i), hash: bytesFromHex(root) as Hash<"StateRoot"> })),
    deliverCertification(certification) {
      certified.push(certification);
      if (certification.height > certifiedHeight) certifiedHeight = certification.height;
    },
    checkpointHash: (at) => roots[at] === undefined ? undefined : bytesFromHex(roots[at]) as Hash<"State">,
    deliver(batch, block) {
      const root = digestOf(batch, roots[roots.length - 1]!);
      roots.push(batch.height >= corruptAt ? createHash("sha256").update(root).digest("hex") : root);
      batches.push(batch);
      blocks.push(block);
    },
    rootAt: (at) => roots[at],
  };
}

export const emptyPayloads: PayloadBuilder = { build: () => ({ ingress: [], xnet: [], consensusResponses: [] }), validate: () => ok(undefined) };

export interface SimulatedNode { readonly id: NodeId; readonly index: number; readonly consensus: Consensus; readonly state: SimulatedState; /** Everything it ever signed and sent. */ readonly sent: ConsensusArtifact[] }

export interface NodeOptions {
  readonly keys: SubnetKeys; readonly store: KeyStore; readonly index: number; readonly verifier: Verifier; readonly clock: Clock; readonly params: ConsensusParams;
  readonly genesisTime: Batch["time"]; readonly hasWork?: () => boolean; readonly duties?: readonly Duty[]; readonly state?: SimulatedState; readonly payloads?: PayloadBuilder;
}

export function createSimulatedNode(options: NodeOptions): SimulatedNode {
  const { keys, store, index, verifier, clock, params } = options;
  const state = options.state ?? createSimulatedState();
  const consensus = createConsensus({
    nodeId: store.nodeId, subnetId: subnetIdOfKey(keys.transcripts.high.publicCoefficients[0]!), membership: keys.members, transcripts: keys.transcripts,
    keys: createNodeKeys(store, [keys.transcripts.low, keys.transcripts.high], verifier), verifier, clock, params,
    genesis: { time: options.genesisTime, registryVersion: registryVersion(1) }, payloadBuilder: options.payloads ?? emptyPayloads, decodeIngress: () => undefined,
    registryVersion: () => registryVersion(1), stateInfo: state, expectedBatchHeight: () => height(state.height + 1),
    deliverBatch: (batch, block) => state.deliver(batch, block), hasWork: options.hasWork ?? (() => true),
  }, options.duties);
  return { id: store.nodeId, index, consensus, state, sent: [] };
}
