/**
 * A subnet that lost more nodes than it can spare goes on from a catch-up package that the registry gives it (protocol digest §1.7). Its chain
 * is stuck, so nobody can sign one; the network's owner says which state counts, who its nodes are from now on and under which keys they sign.
 */
import { type Hash, type Height, type NodeId, type RegistryVersion, type SubnetId, type Time, assert } from "./types/index.ts";
import type { Bls, KeyStore, NodePublicKeys, Transcript } from "./interfaces/crypto.ts";
import type { RegistryMutation, RegistrySnapshot } from "./interfaces/registry.ts";
import type { Rng } from "./interfaces/runtime.ts";
import { createNodeKeys } from "./crypto/keyStore.ts";
import { derOfBlsKey } from "./crypto/der.ts";
import { generateNodeKeys, publicKeysOf } from "./crypto/generateKeys.ts";
import { dealingsNeeded, makeTranscript } from "./crypto/transcript.ts";
import { createVerifier } from "./crypto/verifier.ts";
import type { Origin } from "./interfaces/consensus.ts";
import { catchUpPackageContentsKey, nodeRecordKey, subnetRecordKey, thresholdKeyKey } from "./registry/keys.ts";
import { encodeNodeRecord, encodeSubnetRecord, encodeThresholdKey } from "./registry/records.ts";
import { encodePlain } from "./stateManager/plainCodec.ts";

/** What is left of a stuck subnet whose nodes have stopped: the state that the furthest of them holds, written again at a height that nobody has signed anything of. */
export interface RecoveryPoint {
  readonly height: Height;
  readonly stateHash: Hash<"State">;
  readonly time: Time;
  /** By place; undefined where the node is lost. */
  readonly survivors: readonly (NodePublicKeys | undefined)[];
}
/** With what its nodes begin again. */
export interface RecoveryOrders {
  readonly origin: Origin;
  readonly transcripts: { readonly low: Transcript; readonly high: Transcript };
  /** By place. */
  readonly members: readonly NodePublicKeys[];
  /** By place: the keys of nodes that take the places of lost ones. */
  readonly newKeys: readonly (KeyStore | undefined)[];
}
type Keys = Omit<RecoveryOrders, "origin">;

/**
 * New nodes for the lost ones, and new keys for all: the old secret needs as many shares as the subnet needs nodes, and those are gone. Dealt by
 * parties that exist for this alone, sealed to each member, as the NNS subnet deals for a subnet on mainnet.
 */
export function makeRecoveryKeys(bls: Bls, rng: Rng, { survivors, height }: RecoveryPoint): Keys {
  const newKeys = survivors.map((known, place) => (known === undefined ? generateNodeKeys(rng.fork(`node ${place}`)) : undefined));
  const members = survivors.map((known, place) => known ?? publicKeysOf(bls, newKeys[place]!)), faults = Math.floor((members.length - 1) / 3);
  const receivers = members.map(({ nodeId, encryptionKey }) => {
    if (encryptionKey === undefined) throw new RangeError("a node is older than the generation of keys: nothing can be sealed for it");
    return { nodeId, encryptionKey };
  }).sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1));
  const verifier = createVerifier(bls), parties = members.map((_, i) => createNodeKeys(generateNodeKeys(rng.fork(`dealer ${i}`)), [], verifier)), dealers = parties.map(({ nodeId }) => nodeId);
  const deal = (tag: Transcript["tag"], threshold: number): Transcript => {
    const config = { id: `${tag}-recovery-${height}`, tag, threshold, dealers, receivers };
    const transcript = makeTranscript(bls, config, parties.slice(0, dealingsNeeded(config)).map((party) => ({ dealer: party.nodeId, dealing: party.deal(config)! })));
    assert(transcript !== undefined, "honest dealers make a key");
    return transcript;
  };
  return { members, newKeys, transcripts: { low: deal("lowThreshold", faults + 1), high: deal("highThreshold", members.length - faults) } };
}

/** One version of the registry that says all of it: the members, their keys, the subnet's key, and where its chain begins again. */
export function recoveryMutations(id: SubnetId, now: RegistrySnapshot, { height, stateHash, time }: RecoveryPoint, { members, transcripts }: Keys): readonly RegistryMutation[] {
  const { haltAtCupHeight: _, ...record } = now.subnet(id)!, membership = members.map(({ nodeId }) => nodeId).sort(), gone = now.membership(id).filter((node: NodeId) => !membership.includes(node));
  return [
    { key: subnetRecordKey(id), value: encodeSubnetRecord({ ...record, membership }) },
    { key: thresholdKeyKey(id), value: encodeThresholdKey(derOfBlsKey(transcripts.high.publicCoefficients[0]!)) },
    { key: catchUpPackageContentsKey(id), value: encodePlain({ height, stateHash, time, ...transcripts }) },
    ...members.map(({ nodeId, ...keys }) => ({ key: nodeRecordKey(nodeId), value: encodeNodeRecord(keys) })),
    ...gone.map((node) => ({ key: nodeRecordKey(node), value: undefined })),
  ];
}

/** The origin that such a version gives. */
export const originOf = ({ height, stateHash, time }: RecoveryPoint, registryVersion: RegistryVersion): Origin => ({ height, stateHash, time, registryVersion });
