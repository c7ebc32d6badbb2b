import { assert, hexFromBytes } from "../types/index.ts";
import type { Bls, DkgConfig, Transcript } from "./bls.ts";
import type { RandomSource } from "./dealing.ts";
import { nodeIdOfKey } from "./der.ts";
import { ed25519Key } from "./ed25519.ts";
import { type KeyStore, type NodePublicKeys, createNodeKeys } from "./keyStore.ts";
import { scalarBytes, scalarFromBytes } from "./scalar.ts";
import { dealingsNeeded, makeTranscript } from "./transcript.ts";
import { createVerifier } from "./verifier.ts";

/** The keys of a new subnet. `stores` in the order of `members`; each goes to its node and nowhere else. */
export interface SubnetKeys { readonly members: readonly NodePublicKeys[]; readonly stores: readonly KeyStore[]; readonly transcripts: { readonly low: Transcript; readonly high: Transcript } }

/** A node's keys before it has a share of anything: to a key store each, from its own chance. */
export function generateNodeKeys(rng: RandomSource): KeyStore {
  const basic = rng.bytes(32), multiSig = scalarBytes(scalarFromBytes(rng.bytes(48)));
  return { nodeId: nodeIdOfKey(ed25519Key(basic).publicKey), basic: hexFromBytes(basic), multiSig: hexFromBytes(multiSig), encryption: hexFromBytes(rng.bytes(32)), shares: {} };
}

/** What the registry will say of a node. */
export function publicKeysOf(bls: Bls, store: KeyStore): NodePublicKeys {
  const { nodeId, publicKey, multiSigPublicKey, proofOfPossession, encryptionKey } = createNodeKeys(store, [], createVerifier(bls));
  return { nodeId, publicKey, multiSigPublicKey, proofOfPossession, ...(encryptionKey !== undefined && { encryptionKey }) };
}

/**
 * Genesis of a subnet's keys: the same distributed key generation that every later interval runs, between the nodes' key stores, each of which
 * deals and opens for itself; so no node knows the subnet's secret when n ≥ 4. Low threshold f+1 and high threshold n-f with f = ⌊(n-1)/3⌋
 * (protocol digest §1.1): up to three nodes the low threshold is one, which any node can reach alone, as one is the number of nodes that may
 * not be faulty there.
 */
export function generateSubnetKeys(bls: Bls, rng: RandomSource, nodes: number): SubnetKeys {
  assert(Number.isSafeInteger(nodes) && nodes >= 1, "a subnet has at least one node");
  const faults = Math.floor((nodes - 1) / 3);
  const drafts = Array.from({ length: nodes }, (_, i) => generateNodeKeys(rng.fork(`node ${i}`))).sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1));
  const members = drafts.map((draft) => publicKeysOf(bls, draft)), verifier = createVerifier(bls);
  const learned = drafts.map((): Record<string, string> => ({}));
  const parties = drafts.map((draft, i) => createNodeKeys(draft, [], verifier, undefined, (id, share) => { learned[i]![id] = share!; }));
  const receivers = members.map(({ nodeId, encryptionKey }) => ({ nodeId, encryptionKey: encryptionKey! }));

  const run = (tag: Transcript["tag"], threshold: number): Transcript => {
    const config: DkgConfig = { id: `${tag}-genesis`, tag, threshold, dealers: receivers.map(({ nodeId }) => nodeId), receivers };
    // Nobody waits for more dealers than the transcript will use.
    const dealings = parties.slice(0, dealingsNeeded(config)).map((party) => ({ dealer: party.nodeId, dealing: party.deal(config)! }));
    const transcript = makeTranscript(bls, config, dealings);
    assert(transcript !== undefined, "honest dealers make a key");
    // One check of the sum stands for the checks of its parts; only a wrong sum would need them to name a dealer.
    for (const party of parties) assert(party.learnShare(transcript), `node ${party.nodeId} finds its share`);
    const { sealed: _, ...rest } = transcript;
    return rest;
  };
  const low = run("lowThreshold", faults + 1), high = run("highThreshold", nodes - faults);
  return { members, stores: drafts.map((draft, i) => ({ ...draft, shares: learned[i]! })), transcripts: { low, high } };
}
