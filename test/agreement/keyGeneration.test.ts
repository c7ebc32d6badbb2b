import { describe, expect, test } from "vitest";
import { loadFastBls } from "../../src/replica/crypto/fastBls.ts";
import type { ConsensusArtifact, DkgSummary } from "../../src/replica/interfaces/consensus.ts";
import type { Bls, Dealing, NodeKeys, Transcript } from "../../src/replica/interfaces/crypto.ts";
import { createNodeKeys } from "../../src/replica/crypto/keyStore.ts";
import { createVerifier } from "../../src/replica/crypto/verifier.ts";
import { hexFromBytes } from "../../src/replica/types/index.ts";
import { linearBls } from "../sim/linearBls.ts";
import { type EvolvingNode, type EvolvingSubnet, createEvolvingSubnet } from "./evolvingSubnet.ts";

const of = (transcripts: readonly Transcript[], tag: Transcript["tag"]): Transcript | undefined => transcripts.find((transcript) => transcript.tag === tag);
const high = (transcripts: readonly Transcript[]): Transcript => of(transcripts, "highThreshold")!;
const key = ({ publicCoefficients }: Transcript): string => hexFromBytes(publicCoefficients[0]!);
const message = Buffer.from("a root hash");
/** Everything that a node's disk holds of shares. */
const sharesOf = (node: EvolvingNode): Readonly<Record<string, string>> => ({ ...node.store.shares, ...Object.fromEntries(node.shares) });
const signWith = (bls: Bls, node: EvolvingNode, share: string) => createNodeKeys({ ...node.store, shares: { only: share } }, [], createVerifier(bls)).signThreshold("only", message);
const summaryAt = (subnet: EvolvingSubnet, at: number): DkgSummary => subnet.summaries().get(at) ?? expect.fail(`no summary at ${at}`);

describe("every interval", () => {
  test("the subnet's key gets new shares and stays; the low-threshold key is a new one (rounds of 10 heights)", () => {
    const subnet = createEvolvingSubnet({ bls: linearBls, seed: "four", nodes: 4 });
    subnet.runTo(45);
    const summaries = [...subnet.summaries()];
    expect(summaries.map(([at]) => at)).toEqual([0, 10, 20, 30, 40]);
    for (const [i, [, { currentTranscripts, nextTranscripts, configs }]] of summaries.entries()) {
      expect(key(high(currentTranscripts))).toBe(key(subnet.keys.transcripts.high));
      expect(configs.map(({ tag, threshold, dealers, receivers }) => [tag, threshold, dealers.length, receivers.length])).toEqual([["lowThreshold", 2, 4, 4], ["highThreshold", 3, 4, 4]]);
      expect(nextTranscripts.length).toBe(i === 0 ? 0 : 2);
      // The next keys of a summary are the current ones of the next.
      if (i > 1) expect(currentTranscripts).toEqual(summaries[i - 1]![1].nextTranscripts);
    }
    const lows = summaries.map(([, { currentTranscripts }]) => key(of(currentTranscripts, "lowThreshold")!));
    expect(new Set(lows).size).toBe(4); // of five: the first two intervals have the first key
    expect(new Set(summaries.map(([, { currentTranscripts }]) => high(currentTranscripts).id)).size).toBe(4);
    // A share is on disk as long as a summary names its key, and no longer.
    const { currentTranscripts, nextTranscripts } = summaryAt(subnet, 40), named = [...currentTranscripts, ...nextTranscripts].map(({ id }) => id).sort();
    for (const node of subnet.nodes) expect([...node.shares.keys()].sort()).toEqual(named);
  });

  test.each([1, 2, 3, 7])("with %i nodes", (nodes) => {
    const subnet = createEvolvingSubnet({ bls: linearBls, seed: "sizes", nodes, intervalLength: 15 });
    subnet.runTo(17);
    const { nextTranscripts } = summaryAt(subnet, 16);
    expect(nextTranscripts.map(({ tag, committee }) => [tag, committee.length])).toEqual([["lowThreshold", nodes], ["highThreshold", nodes]]);
    expect(key(high(nextTranscripts))).toBe(key(subnet.keys.transcripts.high));
  });

  test("on the real curve each n-f new shares sign, fewer do not, and old shares do not mix with new ones", async () => {
    const bls = await loadFastBls(), subnet = createEvolvingSubnet({ bls, seed: "curve", nodes: 4, intervalLength: 7 });
    subnet.runTo(17);
    const transcript = high(summaryAt(subnet, 16).nextTranscripts), verifier = createVerifier(bls), whole = subnet.keys.transcripts.high.publicCoefficients[0]!;
    const fresh = subnet.nodes.map((node, index) => ({ index, signature: signWith(bls, node, node.shares.get(transcript.id)!) }));
    const old = subnet.nodes.map((node, index) => ({ index, signature: signWith(bls, node, node.store.shares[subnet.keys.transcripts.high.id]!) }));
    expect(fresh.every(({ index, signature }) => verifier.verifyShare(transcript, index, message, signature))).toBe(true);
    const whole3 = [[0, 1, 2], [0, 1, 3], [1, 2, 3]].map((pick) => hexFromBytes(bls.combine(pick.map((i) => fresh[i]!))));
    expect([new Set(whole3).size, bls.verify(whole, message, bls.combine(fresh.slice(1))), bls.verify(whole, message, bls.combine(fresh.slice(2)))]).toEqual([1, true, false]);
    expect(old.some(({ index, signature }) => verifier.verifyShare(transcript, index, message, signature))).toBe(false);
    expect(bls.verify(whole, message, bls.combine([old[0]!, old[1]!, fresh[2]!]))).toBe(false);
    expect(bls.verify(whole, message, bls.combine([old[0]!, fresh[1]!, fresh[2]!]))).toBe(false);
  });
});

const heightsOf = (node: EvolvingNode, ...kinds: ConsensusArtifact["kind"][]): number[] => node.sent.filter((artifact) => kinds.includes(artifact.kind) && "signer" in artifact && artifact.signer === node.id).map(({ height }) => height as number);
const shareKinds = ["randomBeaconShare", "randomTapeShare", "certificationShare"] as const, agreementKinds = ["notarizationShare", "finalizationShare", "blockProposal"] as const;

describe("membership (protocol digest §1.6)", () => {
  test("a node added at v_k is notary from interval k+1 and shares from k+2; a removed one shares until then", () => {
    const subnet = createEvolvingSubnet({ bls: linearBls, seed: "timeline", nodes: 4, spares: 1 }), [leaver] = subnet.nodes, joiner = subnet.nodes[4]!;
    subnet.runTo(12); // interval 1: heights 10 to 19
    const added = subnet.setMembers(subnet.publicKeys);
    subnet.runTo(45);
    // S_2 names the new version: k = 2.
    expect([10, 20, 30, 40].map((at) => summaryAt(subnet, at).registryVersion)).toEqual([1, 1, added, added]);
    expect(summaryAt(subnet, 10).configs[0]!.receivers.length).toBe(4);
    expect(summaryAt(subnet, 20).configs.map(({ dealers, receivers }) => [dealers.length, receivers.length])).toEqual([[5, 5], [4, 5]]); // the old committee deals the old key
    expect(high(summaryAt(subnet, 30).nextTranscripts).committee).toContain(joiner.id);
    expect(high(summaryAt(subnet, 40).currentTranscripts).committee).toContain(joiner.id);
    const agreed = heightsOf(joiner, ...agreementKinds), shared = heightsOf(joiner, ...shareKinds);
    expect([Math.min(...agreed) >= 30, Math.min(...agreed) < 40, Math.min(...shared) >= 40]).toEqual([true, true, true]);
    // Certified with its share as with the others', under the same key.
    expect(key(high(summaryAt(subnet, 40).currentTranscripts))).toBe(key(subnet.keys.transcripts.high));

    subnet.runTo(52); // interval 5
    const removed = subnet.setMembers(subnet.publicKeys.slice(1));
    subnet.runTo(85);
    expect([60, 70].map((at) => summaryAt(subnet, at).registryVersion)).toEqual([added, removed]); // named by S_6: k = 6
    expect(Math.max(...heightsOf(leaver!, ...agreementKinds))).toBeLessThan(70);
    const last = heightsOf(leaver!, ...shareKinds);
    expect([Math.max(...last) >= 70, Math.max(...last) < 80]).toEqual([true, true]);
    expect(high(summaryAt(subnet, 80).currentTranscripts).committee).not.toContain(leaver!.id);
    expect(subnet.nodes.slice(1).every(({ certified }) => certified.at(-1)!.height >= 84)).toBe(true);
  });

  test("all nodes are replaced one by one, one of them silent: the key stays, and the old committee's shares are worth nothing (scenario 16)", () => {
    const subnet = createEvolvingSubnet({ bls: linearBls, seed: "replace", nodes: 4, spares: 4 }), first = subnet.keys.transcripts.high;
    let at = 5;
    for (let i = 1; i <= 4; i++) {
      subnet.setMembers(subnet.publicKeys.slice(i, i + 4));
      at += 10;
      subnet.runTo(at);
      if (i === 2) subnet.silent.add(subnet.nodes[3]!.id); // faulty, until it is replaced itself
    }
    subnet.runTo(at + 40);
    const summary = summaryAt(subnet, 80), transcript = high(summary.currentTranscripts), fresh = subnet.nodes.slice(4);
    expect([...transcript.committee].sort()).toEqual(fresh.map(({ id }) => id).sort());
    expect(key(transcript)).toBe(key(first));
    expect(fresh[0]!.certified.at(-1)!.height).toBeGreaterThan(80);
    for (const { hash, signature } of fresh[0]!.certified) expect(linearBls.verify(first.publicCoefficients[0]!, Buffer.concat([Buffer.from("\x0dic-state-root", "latin1"), hash]), signature)).toBe(true);
    const verifier = createVerifier(linearBls);
    for (const [index, node] of subnet.nodes.slice(0, 4).entries()) for (const share of Object.values(sharesOf(node))) expect(verifier.verifyShare(transcript, index, message, signWith(linearBls, node, share))).toBe(false);
    // Those who left and heard of it hold nothing any more.
    for (const node of subnet.nodes.slice(0, 3)) expect([...node.shares.keys()]).toEqual([]);
  });

  test("a node whose multi-signature key comes without a proof of possession becomes no member", () => {
    const subnet = createEvolvingSubnet({ bls: linearBls, seed: "rogue", nodes: 4, spares: 1 }), [first, rogue] = [subnet.publicKeys[0]!, subnet.publicKeys[4]!];
    subnet.setMembers([...subnet.publicKeys.slice(0, 4), { ...rogue, proofOfPossession: first.proofOfPossession }]);
    subnet.runTo(25);
    expect(summaryAt(subnet, 20).registryVersion).toBe(2);
    expect(summaryAt(subnet, 20).configs[0]!.receivers.map(({ nodeId }) => nodeId)).not.toContain(rogue.nodeId);
    expect(heightsOf(subnet.nodes[4]!, ...agreementKinds, ...shareKinds)).toEqual([]);
  });

  test("a node that begins with a summary alone finds its shares in it", () => {
    const subnet = createEvolvingSubnet({ bls: linearBls, seed: "alone", nodes: 4 });
    subnet.runTo(21);
    const node = subnet.nodes[2]!, { currentTranscripts, nextTranscripts } = summaryAt(subnet, 20), keys = createNodeKeys({ ...node.store, shares: {} }, [], createVerifier(linearBls));
    for (const transcript of [...currentTranscripts, ...nextTranscripts]) expect([keys.holdsShare(transcript.id), keys.learnShare(transcript), keys.holdsShare(transcript.id)]).toEqual([false, true, true]);
    expect(keys.signThreshold(high(nextTranscripts).id, message)).toEqual(signWith(linearBls, node, node.shares.get(high(nextTranscripts).id)!));
  });
});

/** What a bad dealer deals. */
const cheats: Readonly<Record<string, (dealing: Dealing) => Dealing>> = {
  "a wrong share for one receiver": (dealing) => ({ ...dealing, sealed: dealing.sealed.map((share, i) => (i === 1 ? share.map((byte) => byte ^ 1) : share)) }),
  "another secret": (dealing) => ({ ...dealing, commitments: [dealing.commitments[1]!, ...dealing.commitments.slice(1)] }),
  "a polynomial of a higher degree": (dealing) => ({ ...dealing, commitments: [...dealing.commitments, dealing.commitments[0]!] }),
  "a key with which nobody can agree": (dealing) => ({ ...dealing, ephemeral: new Uint8Array(32) }),
};
const cheating = (bad: readonly number[], cheat: (dealing: Dealing) => Dealing) => (index: number, keys: NodeKeys): NodeKeys => !bad.includes(index) ? keys
  : Object.create(keys, { deal: { value: (config: Parameters<NodeKeys["deal"]>[0]) => { const dealing = keys.deal(config); return dealing && cheat(dealing); } } }) as NodeKeys;

describe("bad dealers (scenario 15)", () => {
  test.each(Object.entries(cheats))("f of them with %s are left out, and the keys come about", (_, cheat) => {
    const subnet = createEvolvingSubnet({ bls: linearBls, seed: "cheats", nodes: 4, wrapKeys: cheating([2], cheat) });
    subnet.runTo(21);
    const { currentTranscripts } = summaryAt(subnet, 20), cheater = subnet.nodes[2]!.id;
    expect(currentTranscripts.map(({ sealed }) => sealed!.dealings.map(({ dealer }) => dealer).includes(cheater))).toEqual([false, false]);
    expect(key(high(currentTranscripts))).toBe(key(subnet.keys.transcripts.high));
    expect(subnet.nodes.every(({ shares }) => shares.has(high(currentTranscripts).id))).toBe(true);
  });

  test("a complaint proves itself: its opening shows one share of one dealing, and a false one is no review", () => {
    const subnet = createEvolvingSubnet({ bls: linearBls, seed: "cheats", nodes: 4, wrapKeys: cheating([2], cheats["a wrong share for one receiver"]!) });
    subnet.runTo(9);
    const reviews = subnet.nodes.flatMap(({ sent }) => sent.flatMap((artifact) => (artifact.kind === "dkgReview" ? [artifact] : [])));
    expect(reviews.length).toBe(8);
    const complaints = reviews.filter(({ bad }) => bad.length > 0);
    expect(complaints.map(({ bad, signer }) => [signer, bad.map(({ place }) => place)])).toEqual([[subnet.nodes[1]!.id, [2]], [subnet.nodes[1]!.id, [2]]]);
  });

  test("with more of them than the threshold allows the interval repeats the current keys", () => {
    const subnet = createEvolvingSubnet({ bls: linearBls, seed: "many", nodes: 4, wrapKeys: cheating([0, 1, 2], cheats["a wrong share for one receiver"]!) });
    subnet.runTo(31);
    for (const at of [10, 20, 30]) {
      expect(summaryAt(subnet, at).nextTranscripts).toEqual([]);
      expect(summaryAt(subnet, at).currentTranscripts.map(({ id }) => id)).toEqual([subnet.keys.transcripts.low.id, subnet.keys.transcripts.high.id]);
    }
    expect(subnet.nodes[0]!.certified.at(-1)!.height).toBe(31);
  });

  test("dealers who say nothing are not waited for", () => {
    const subnet = createEvolvingSubnet({ bls: linearBls, seed: "silent", nodes: 7 });
    for (const node of [subnet.nodes[0]!, subnet.nodes[3]!]) subnet.silent.add(node.id);
    subnet.runTo(21);
    expect(high(summaryAt(subnet, 20).currentTranscripts).sealed!.dealings.length).toBe(5);
  });
});

test("who was away hears of dealings again: those of the first interval too", () => {
  const subnet = createEvolvingSubnet({ bls: linearBls, seed: "away", nodes: 4, intervalLength: 15 });
  subnet.runTo(5);
  const offered = subnet.nodes.map(({ id, consensus }) => consensus.offer().filter((artifact) => artifact.kind === "dkgDealing" && artifact.signer === id).length);
  expect(offered).toEqual([2, 2, 2, 2]);
});
