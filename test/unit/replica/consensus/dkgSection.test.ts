import { beforeAll, describe, expect, test } from "vitest";
import { seal } from "../../../../src/replica/consensus/artifact.ts";
import { dkgDealingRow, dkgReviewRow } from "../../../../src/replica/consensus/artifacts/keyGeneration.ts";
import { DKG_BYTES_MAX, buildDkgSection, validateDkgSection } from "../../../../src/replica/consensus/payload/dkgSection.ts";
import { subnetIdOfKey } from "../../../../src/replica/crypto/der.ts";
import { createVerifier } from "../../../../src/replica/crypto/verifier.ts";
import type { BlockProposal, ConsensusParams, DkgDealing, DkgReview, PoolReader } from "../../../../src/replica/interfaces/consensus.ts";
import { height, time } from "../../../../src/replica/types/index.ts";
import { type EvolvingNode, type EvolvingSubnet, createEvolvingSubnet } from "../../../agreement/evolvingSubnet.ts";
import { linearBls } from "../../../sim/linearBls.ts";

/** A first interval of 19 heights: dealings up to height 9, reviews from 10. */
let subnet: EvolvingSubnet, judged: Parameters<typeof validateDkgSection>[1], pool: PoolReader, dealings: readonly DkgDealing[], reviews: readonly DkgReview[];
beforeAll(() => {
  subnet = createEvolvingSubnet({ bls: linearBls, seed: "section", nodes: 4, intervalLength: 19 });
  subnet.runTo(19);
  const params = { dkgIntervalLength: 19, dkgIntervalTime: time(0n) } as ConsensusParams;
  judged = { subnetId: subnetIdOfKey(subnet.keys.transcripts.high.publicCoefficients[0]!), verifier: createVerifier(linearBls), params };
  pool = subnet.nodes[0]!.consensus.pool;
  const sent = subnet.nodes.flatMap((node) => node.sent);
  dealings = sent.flatMap((artifact) => (artifact.kind === "dkgDealing" ? [artifact] : []));
  reviews = sent.flatMap((artifact) => (artifact.kind === "dkgReview" ? [artifact] : []));
});
const block = (at: number): BlockProposal => pool.finalized(height(at)) ?? expect.fail(`no block ${at}`);
const carried = (at: number): readonly Uint8Array[] => { const { payload } = block(at).block; return payload.kind === "data" ? payload.dealings : []; };
const judge = (parent: number, ...section: readonly { readonly bytes: Uint8Array }[]) => validateDkgSection(pool, judged, block(parent), section.map(({ bytes }) => bytes));
const refused = (reason: string) => ({ ok: false, error: { kind: "invalid", reason } });
const signed = (node: EvolvingNode, dealing: DkgDealing, change: Partial<Pick<DkgDealing, "dealing" | "dkgId">>, at = 0): DkgDealing => {
  const content = { dkgId: dealing.dkgId, dealing: dealing.dealing, signer: node.id, signerKey: node.keys.publicKey, ...change };
  return seal(dkgDealingRow, height(at), { ...content, signature: node.keys.signBasic(dkgDealingRow.signedBytes(height(at), { ...content, signature: new Uint8Array(64) }, judged.subnetId)) });
};
const signedReview = (node: EvolvingNode, review: DkgReview, change: Partial<Pick<DkgReview, "good" | "bad" | "subject" | "dkgId">>): DkgReview => {
  const content = { dkgId: review.dkgId, subject: review.subject, good: review.good, bad: review.bad, signer: node.id, signerKey: node.keys.publicKey, ...change };
  return seal(dkgReviewRow, height(0), { ...content, signature: node.keys.signBasic(dkgReviewRow.signedBytes(height(0), { ...content, signature: new Uint8Array(64) }, judged.subnetId)) });
};

test("what the interval carried is what was dealt and reviewed, each in its half and once", () => {
  const early = Array.from({ length: 9 }, (_, i) => carried(i + 1)).flat(), late = Array.from({ length: 10 }, (_, i) => carried(i + 10)).flat();
  expect([early.length, late.length, dealings.length, reviews.length]).toEqual([8, 8, 8, 8]);
  for (let at = 1; at < 19; at++) expect(validateDkgSection(pool, judged, block(at), carried(at + 1))).toEqual({ ok: true, value: undefined });
  // All is on chain: a block maker has nothing to add.
  expect([buildDkgSection(pool, judged, block(8)), buildDkgSection(pool, judged, block(18))]).toEqual([[], []]);
});

describe("a block is invalid with", () => {
  test("a dealing or review that is on chain already, or twice", () => {
    expect(judge(8, dealings[0]!)).toEqual(refused("already in the chain"));
    expect(judge(18, reviews[0]!)).toEqual(refused("already in the chain"));
    expect(judge(0, dealings[0]!, dealings[0]!)).toEqual(refused("already in the chain"));
  });
  test("dealings after their half, reviews before theirs", () => {
    expect(judge(9, dealings[0]!)).toEqual(refused("dealings and reviews have their times"));
    expect(judge(5, reviews[0]!)).toEqual(refused("dealings and reviews have their times"));
  });
  test("anything else, and too much", () => {
    expect(judge(0, { bytes: new Uint8Array(3) })).toEqual(refused("neither dealing nor review"));
    expect(judge(0, subnet.nodes[0]!.sent.find(({ kind }) => kind === "randomTapeShare")!)).toEqual(refused("neither dealing nor review"));
    expect(judge(0, { bytes: new Uint8Array(DKG_BYTES_MAX + 1) })).toEqual(refused("too much of key generation in a block"));
  });
  test("a dealing of nobody's generation, of another dealer, with another's signature, or that everybody can see is bad", () => {
    const [dealing] = dealings, [maker, other] = [subnet.nodes.find(({ id }) => id === dealing!.signer)!, subnet.nodes.find(({ id }) => id !== dealing!.signer)!];
    const high = dealings.find(({ signer, dkgId }) => signer === maker.id && dkgId.startsWith("high"))!, { commitments, sealed } = high.dealing, bad = refused("bad dealing or review");
    const stranger = createEvolvingSubnet({ bls: linearBls, seed: "stranger", nodes: 1 }).nodes[0]!;
    const forged = (content: Partial<DkgDealing>) => seal(dkgDealingRow, height(0), { ...high, ...content });
    for (const wrong of [
      signed(maker, high, { dkgId: "high-of-another-chain" }), signed(stranger, high, {}), signed(maker, high, {}, 20), forged({ signature: dealing!.signature }), forged({ signer: other.id }), forged({ signerKey: other.keys.publicKey }),
      signed(other, high, {}), // deals somebody else's share
      signed(maker, high, { dealing: { ...high.dealing, commitments: commitments.slice(1) } }), signed(maker, high, { dealing: { ...high.dealing, sealed: sealed.slice(1) } }),
      signed(maker, high, { dealing: { ...high.dealing, ephemeral: new Uint8Array(32) } }), signed(maker, high, { dealing: { ...high.dealing, commitments: [commitments[1]!, ...commitments.slice(1)] } }),
    ]) expect(judge(0, wrong)).toEqual(bad);
    expect(judge(0, signed(maker, high, {}))).toEqual({ ok: true, value: undefined });
  });
  test("a review of other dealings, of places without any, or with a complaint that proves nothing", () => {
    const [review] = reviews, node = subnet.nodes.find(({ id }) => id === review!.signer)!, bad = refused("bad dealing or review");
    const nothing = { point: new Uint8Array(32).fill(1), challenge: new Uint8Array(32), response: new Uint8Array(32) };
    for (const wrong of [
      signedReview(node, review!, { subject: new Uint8Array(32) }), signedReview(node, review!, { good: [0, 1, 9] }), signedReview(node, review!, { good: [0, 1, 2], bad: [{ place: 3, opening: nothing }] }),
      signedReview(node, review!, { bad: [{ place: 0, opening: nothing }] }), signedReview(createEvolvingSubnet({ bls: linearBls, seed: "stranger", nodes: 1 }).nodes[0]!, review!, {}),
      seal(dkgReviewRow, height(0), { ...review!, good: [] }),
    ]) expect(judge(9, wrong)).toEqual(bad);
    expect(judge(9, signedReview(node, review!, { good: [0, 2] }))).toEqual({ ok: true, value: undefined }); // whoever could not look says nothing of it
  });
  test("an honest opening of a good share: it opens, but nobody was wronged", async () => {
    const { makeOpening } = await import("../../../../src/replica/crypto/opening.ts");
    const { openingLabel } = await import("../../../../src/replica/crypto/transcript.ts");
    const [review] = reviews, node = subnet.nodes.find(({ id }) => id === review!.signer)!, { payload } = block(0).block, config = payload.kind === "summary" ? payload.dkg.configs.find(({ id }) => id === review!.dkgId)! : expect.fail("no summary");
    const dealer = config.dealers[1]!, dealing = dealings.find(({ dkgId, signer }) => dkgId === config.id && signer === dealer)!.dealing;
    const opening = makeOpening(Buffer.from(node.store.encryption!, "hex"), dealing.ephemeral, openingLabel(config, dealer, node.id))!;
    expect(judge(9, signedReview(node, review!, { good: [0, 2, 3], bad: [{ place: 1, opening }] }))).toEqual(refused("bad dealing or review"));
  });
});
