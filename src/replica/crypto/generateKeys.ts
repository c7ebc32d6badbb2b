import { assert, hexFromBytes } from "../types/index.ts";
import type { Bls, Transcript } from "./bls.ts";
import { type Dealing, type RandomSource, checkShare, deal, sumCommitments, sumShares } from "./dealing.ts";
import { nodeIdOfKey } from "./der.ts";
import { ed25519Key } from "./ed25519.ts";
import { type KeyStore, type NodePublicKeys, createNodeKeys } from "./keyStore.ts";
import { scalarBytes, scalarFromBytes } from "./scalar.ts";
import { createVerifier } from "./verifier.ts";

/** The keys of a new subnet. `stores` in the order of `members`; each goes to its node and nowhere else. */
export interface SubnetKeys { readonly members: readonly NodePublicKeys[]; readonly stores: readonly KeyStore[]; readonly transcripts: { readonly low: Transcript; readonly high: Transcript } }

/**
 * Genesis of a subnet's keys: each of the n nodes deals, the dealings are summed, so that no node knows the subnet's secret when n ≥ 4.
 * Low threshold f+1 and high threshold n-f with f = ⌊(n-1)/3⌋ (protocol digest §1.1): up to three nodes the low threshold is one, which any
 * node can reach alone, as one is the number of nodes that may not be faulty there.
 */
export function generateSubnetKeys(bls: Bls, rng: RandomSource, nodes: number): SubnetKeys {
  assert(Number.isSafeInteger(nodes) && nodes >= 1, "a subnet has at least one node");
  const faults = Math.floor((nodes - 1) / 3);
  const drafts = Array.from({ length: nodes }, (_, i) => {
    const own = rng.fork(`node ${i}`);
    const basic = own.bytes(32);
    return { own, basic, nodeId: nodeIdOfKey(ed25519Key(basic).publicKey), multiSig: scalarBytes(scalarFromBytes(own.bytes(48))) };
  }).sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1));
  const committee = drafts.map((draft) => draft.nodeId);

  const run = (tag: Transcript["tag"], threshold: number): { transcript: Transcript; shares: readonly Uint8Array[] } => {
    const dealings: readonly Dealing[] = drafts.map((draft) => deal(bls, draft.own.fork(tag), threshold, nodes));
    const publicCoefficients = sumCommitments(bls, dealings);
    const shares = committee.map((_, i) => sumShares(dealings.map((dealing) => dealing.shares[i]!)));
    // One check of the sum stands for the n checks of its parts; only a wrong sum would need them to name a dealer.
    shares.forEach((share, i) => assert(checkShare(bls, publicCoefficients, i, share), `the shares dealt to node ${i} fit the commitments`));
    const id = `${tag}-${hexFromBytes(publicCoefficients[0]!).slice(0, 16)}`;
    return { transcript: { id, tag, threshold, committee, publicCoefficients }, shares };
  };
  const low = run("lowThreshold", faults + 1), high = run("highThreshold", nodes - faults);

  const stores = drafts.map(({ nodeId, basic, multiSig }, i): KeyStore => ({
    nodeId, basic: hexFromBytes(basic), multiSig: hexFromBytes(multiSig),
    shares: { [low.transcript.id]: hexFromBytes(low.shares[i]!), [high.transcript.id]: hexFromBytes(high.shares[i]!) },
  }));
  const verifier = createVerifier(bls);
  const members = stores.map((store): NodePublicKeys => {
    const { nodeId, publicKey, multiSigPublicKey, proofOfPossession } = createNodeKeys(store, [], verifier);
    return { nodeId, publicKey, multiSigPublicKey, proofOfPossession };
  });
  return { members, stores, transcripts: { low: low.transcript, high: high.transcript } };
}
