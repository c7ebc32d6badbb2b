import { beforeAll, describe, expect, test } from "vitest";
import { decodeCertificate, encodeCertificate } from "../../src/replica/certification/certificate.ts";
import { isSignedBySubnet, makeStreamSlice, readStreamSlice } from "../../src/replica/certification/streamSlice.ts";
import { encodeStreamHeader, encodeStreamMessage } from "../../src/replica/codec/streamCodec.ts";
import { createXNetSection } from "../../src/replica/consensus/payload/xnetSection.ts";
import { derOfBlsKey, subnetIdOfKey } from "../../src/replica/crypto/der.ts";
import { DOMAINS, separated } from "../../src/replica/crypto/domain.ts";
import { loadFastBls } from "../../src/replica/crypto/fastBls.ts";
import { type SubnetKeys, generateNodeKeys, generateSubnetKeys, publicKeysOf } from "../../src/replica/crypto/generateKeys.ts";
import { createNodeKeys } from "../../src/replica/crypto/keyStore.ts";
import { makeTranscript } from "../../src/replica/crypto/transcript.ts";
import { createVerifier } from "../../src/replica/crypto/verifier.ts";
import { digest, forestOf } from "../../src/replica/hashTree/labeledTree.ts";
import { witness } from "../../src/replica/hashTree/witness.ts";
import type { Bls, DkgConfig, SignatureShare, Transcript, Verifier } from "../../src/replica/interfaces/crypto.ts";
import { createStreamExchange } from "../../src/replica/messaging/streamExchange.ts";
import { createSeededRng } from "../../src/replica/runtime/seededRng.ts";
import type { Stream } from "../../src/replica/state/replicatedState.ts";
import { type CertifiedStreamSlice, type Request, type SubnetId, bytesFromHex, canisterIdFromIndex, cycles, height, principalBytes, registryVersion, time } from "../../src/replica/types/index.ts";

/** Protocol digest §7, rows 8 and 9: nodes of a subnet of four certify what their subnet never sent. */
const THRESHOLD = 3, nothingTaken = { message: 0n, begin: 0n, end: 0n, firstReject: undefined }, context = { registryVersion: registryVersion(1), certifiedHeight: height(4), time: time(5n) };
let bls: Bls, verifier: Verifier, source: SubnetKeys, other: SubnetKeys, ours: SubnetId, theirs: SubnetId;
beforeAll(async () => {
  bls = await loadFastBls();
  verifier = createVerifier(bls);
  const rng = createSeededRng(Buffer.from("lying nodes"));
  [source, other] = [generateSubnetKeys(bls, rng.fork("source"), 4), generateSubnetKeys(bls, rng.fork("other"), 4)];
  [theirs, ours] = [source, other].map(({ transcripts }) => subnetIdOfKey(transcripts.high.publicCoefficients[0]!)) as [SubnetId, SubnetId];
});

const request = (sent: bigint): Request => ({ kind: "request", sender: canisterIdFromIndex(1n), receiver: canisterIdFromIndex(2n), callback: 1, method: "deposit", arg: new Uint8Array(8), cycles: cycles(sent), senderVersion: 1n });
const streamOf = (sent: bigint): Stream => ({ begin: 0n, messages: [request(sent)], signalsEnd: 0n, rejectSignals: [] });
const label = (text: string): Uint8Array => new Uint8Array(Buffer.from(text)), index = (value: bigint): Uint8Array => bytesFromHex(value.toString(16).padStart(16, "0"));
/** The root of a state with this stream to us, and a slice of it under any signature. */
function stateWith({ begin, messages, signalsEnd, rejectSignals }: Stream): { readonly signed: Uint8Array; under(signature: Uint8Array): CertifiedStreamSlice } {
  const root = forestOf([["streams", forestOf([[principalBytes(ours), forestOf([
    ["header", encodeStreamHeader({ begin, end: begin + BigInt(messages.length), signalsEnd, rejectSignals })], ["messages", forestOf(messages.map((message, i) => [index(begin + BigInt(i)), encodeStreamMessage(message)]))],
  ])]])], ["time", Uint8Array.of(1)]]);
  return {
    signed: separated(DOMAINS.stateRoot, digest(root)),
    under: (signature) => makeStreamSlice((paths) => ({ witness: witness(root, [[label("time")], ...paths]), certification: { height: height(9), hash: digest(root) as never, signature } }), { begin, messages, signalsEnd, rejectSignals }, theirs, ours, 0n, 1e6)!,
  };
}
const sharesOf = ({ stores }: SubnetKeys, transcript: Transcript, signed: Uint8Array, places: readonly number[]): readonly SignatureShare[] => places.map((place) => ({ index: place, signature: createNodeKeys(stores[place]!, [], verifier).signThreshold(transcript.id, signed) }));

/** What each node of the receiving subnet says of a block with it, and whether its exchange shows it to a block maker. */
function judged(slice: CertifiedStreamSlice): readonly [block: string, shown: boolean] {
  const read = (one: CertifiedStreamSlice): ReturnType<typeof readStreamSlice> => readStreamSlice(one, ours), isCertified = (one: CertifiedStreamSlice): boolean => isSignedBySubnet(verifier, one, derOfBlsKey(source.transcripts.high.publicCoefficients[0]!));
  const section = createXNetSection({ streams: { peek: () => undefined, slice: () => undefined }, subnets: () => [theirs], read, isCertified, position: () => nothingTaken });
  const verdict = section.validate(height(6), context, [slice], []), exchange = createStreamExchange({ subnetId: ours, shown: () => undefined, taken: () => 0n, read, isCertified, send: () => undefined, onNews: () => undefined, now: () => time(0n) });
  exchange.receive(theirs, Uint8Array.from([1, ...slice.certificate]));
  return [verdict.ok ? "valid" : `${verdict.error.kind}: ${verdict.error.reason}`, exchange.streams.peek(theirs, nothingTaken) !== undefined];
}

describe("a slice of a state that the subnet never had", () => {
  const lie = streamOf(1_000_000_000_000n), truth = streamOf(1n);
  test("under the shares of f, and of 2f nodes: no block holds it, and nobody is shown it; 2f+1 could", () => {
    const { high } = source.transcripts, state = stateWith(lie);
    for (const places of [[0], [3], [0, 1], [1, 3], [2, 3]]) expect(judged(state.under(bls.combine(sharesOf(source, high, state.signed, places)))), String(places)).toEqual([expect.stringMatching(/^invalid: .*not signed by its subnet/), false]);
    // The forgery is well made: it is the threshold that holds.
    for (const places of [[0, 1, 2], [1, 2, 3]]) expect(judged(state.under(bls.combine(sharesOf(source, high, state.signed, places))))).toEqual(["valid", true]);
  });
  test("under shares of the lie and of the truth together, as when honest nodes certify meanwhile", () => {
    const { high } = source.transcripts, state = stateWith(lie), real = stateWith(truth), honest = sharesOf(source, high, real.signed, [0, 1, 2]), lying = sharesOf(source, high, state.signed, [2, 3]);
    for (const shares of [[honest[0]!, ...lying], [honest[0]!, honest[1]!, lying[1]!]]) for (const shown of [state, real]) expect(judged(shown.under(bls.combine(shares)))).toEqual([expect.stringContaining("not signed by its subnet"), false]);
    // The certification of the truth under the lie; and alone.
    expect(judged(state.under(bls.combine(honest)))).toEqual([expect.stringContaining("not signed by its subnet"), false]);
    expect(judged(real.under(bls.combine(honest)))).toEqual(["valid", true]);
  });
  test("under the low-threshold key, which f+1 nodes have; under the keys of the receiving subnet; under shares of nodes that were replaced", () => {
    const state = stateWith(lie), { low, high } = source.transcripts;
    const spares = Array.from({ length: 4 }, (_, i) => generateNodeKeys(createSeededRng(Buffer.from(`spare ${i}`)))), receivers = spares.map((spare) => publicKeysOf(bls, spare)).map(({ nodeId, encryptionKey }) => ({ nodeId, encryptionKey: encryptionKey! }));
    const config: DkgConfig = { id: "replaced", tag: "highThreshold", threshold: THRESHOLD, dealers: high.committee, receivers, resharing: high }, dealers = source.stores.slice(0, THRESHOLD).map((store) => createNodeKeys(store, [], verifier));
    const next = makeTranscript(bls, config, dealers.map((dealer) => ({ dealer: dealer.nodeId, dealing: dealer.deal(config)! })))!, fresh = spares.map((spare) => createNodeKeys(spare, [], verifier));
    for (const party of fresh) expect(party.learnShare(next)).toBe(true);
    const ofFresh = (place: number): SignatureShare => ({ index: place, signature: fresh[place]!.signThreshold(next.id, state.signed) }), old = sharesOf(source, high, state.signed, [0, 1, 2]);
    const signatures = [
      sharesOf(source, low, state.signed, [0, 1, 2, 3]), sharesOf(other, other.transcripts.high, state.signed, [0, 1, 2, 3]), [old[0]!, old[1]!, ofFresh(2)], [old[0]!, ofFresh(1), ofFresh(2)],
    ].map((shares) => bls.combine(shares));
    for (const signature of signatures) expect(judged(state.under(signature))).toEqual([expect.stringContaining("not signed by its subnet"), false]);
    expect(judged(state.under(bls.combine([ofFresh(0), ofFresh(1), ofFresh(3)])))).toEqual(["valid", true]);
  });
  test("in a certificate that a delegation vouches for: slices have none", () => {
    const state = stateWith(lie), slice = state.under(bls.combine(sharesOf(source, source.transcripts.high, state.signed, [0, 1, 2]))), plain = decodeCertificate(slice.certificate);
    if (!plain.ok) return expect.fail(plain.error.what);
    const certificateWith = (delegation: { readonly delegation?: { readonly subnet: SubnetId; readonly certificate: Uint8Array } }): Uint8Array => encodeCertificate({ tree: plain.value.tree, signature: plain.value.signature, ...delegation });
    expect(judged({ source: theirs, certificate: certificateWith({}) })).toEqual(["valid", true]);
    expect(judged({ source: theirs, certificate: certificateWith({ delegation: { subnet: theirs, certificate: slice.certificate } }) })).toEqual([expect.stringContaining("malformed"), false]);
  });
});
