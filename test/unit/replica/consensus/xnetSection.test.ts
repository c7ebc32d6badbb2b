import { beforeAll, describe, expect, test } from "vitest";
import { encodeCertificate } from "../../../../src/replica/certification/certificate.ts";
import { isSignedBySubnet, makeStreamSlice, readStreamSlice } from "../../../../src/replica/certification/streamSlice.ts";
import { encodeStreamHeader, encodeStreamMessage } from "../../../../src/replica/codec/streamCodec.ts";
import { EMPTY_BATCH } from "../../../../src/replica/consensus/payloadCodec.ts";
import { createXNetSection } from "../../../../src/replica/consensus/payload/xnetSection.ts";
import { derOfBlsKey } from "../../../../src/replica/crypto/der.ts";
import { separated } from "../../../../src/replica/crypto/domain.ts";
import { loadFastBls } from "../../../../src/replica/crypto/fastBls.ts";
import { createVerifier } from "../../../../src/replica/crypto/verifier.ts";
import { digest, forestOf } from "../../../../src/replica/hashTree/labeledTree.ts";
import { witness } from "../../../../src/replica/hashTree/witness.ts";
import type { BatchPayload } from "../../../../src/replica/interfaces/consensus.ts";
import type { Bls, Verifier } from "../../../../src/replica/interfaces/crypto.ts";
import type { StreamPosition, XNetSource } from "../../../../src/replica/interfaces/xnet.ts";
import type { Stream } from "../../../../src/replica/state/replicatedState.ts";
import { type CertifiedStreamSlice, type Request, type SubnetId, bytesFromHex, canisterIdFromIndex, cycles, height, principalBytes, registryVersion, subnetId, time } from "../../../../src/replica/types/index.ts";

const ours = subnetId(Uint8Array.of(1)), theirs = subnetId(Uint8Array.of(2)), stranger = subnetId(Uint8Array.of(3));
const context = { registryVersion: registryVersion(1), certifiedHeight: height(4), time: time(5n) }, at = height(6);
const SECRET = new Uint8Array(32).fill(7), OTHER_SECRET = new Uint8Array(32).fill(8);
let bls: Bls, verifier: Verifier;
beforeAll(async () => { bls = await loadFastBls(); verifier = createVerifier(bls); });

const message = (index: number, bytes = 10): Request => ({
  kind: "request", sender: canisterIdFromIndex(1n), receiver: canisterIdFromIndex(2n), callback: index, method: "m", arg: new Uint8Array(bytes).fill(index), cycles: cycles(0n), senderVersion: 1n,
});
const streamOf = (begin: number, end: number, signalsEnd = 0, bytes = 10): Stream =>
  ({ begin: BigInt(begin), messages: Array.from({ length: end - begin }, (_, i) => message(begin + i, bytes)), signalsEnd: BigInt(signalsEnd), rejectSignals: [] });
const label = (text: string): Uint8Array => new Uint8Array(Buffer.from(text)), index = (value: bigint): Uint8Array => bytesFromHex(value.toString(16).padStart(16, "0"));

/** A certified slice as the source subnet makes it, with whatever is changed on the way. */
function sliceOf(stream: Stream, from: bigint, options: { readonly secret?: Uint8Array; readonly to?: SubnetId; readonly bytesMax?: number; readonly source?: SubnetId; readonly end?: bigint } = {}): CertifiedStreamSlice | undefined {
  const { begin, messages, signalsEnd, rejectSignals } = stream, end = options.end ?? begin + BigInt(messages.length);
  const root = forestOf([["streams", forestOf([[principalBytes(options.to ?? ours), forestOf([
    ["header", encodeStreamHeader({ begin, end, signalsEnd, rejectSignals })], ["messages", forestOf(messages.map((content, i) => [index(begin + BigInt(i)), encodeStreamMessage(content)]))],
  ])]])], ["time", Uint8Array.of(1)]]);
  const signature = bls.sign(options.secret ?? SECRET, separated("ic-state-root", digest(root)));
  return makeStreamSlice((paths) => ({ witness: witness(root, [[label("time")], ...paths]), certification: { height: height(9), hash: digest(root) as never, signature } }), stream, options.source ?? theirs, options.to ?? ours, from, options.bytesMax ?? 1e6);
}
const at0: StreamPosition = { message: 0n, begin: 0n, end: 0n, firstReject: undefined };
function source(stream: Stream | undefined, position: StreamPosition = at0): XNetSource {
  return {
    streams: {
      peek: (from) => (stream === undefined || from !== theirs ? undefined : { begin: stream.begin, end: stream.begin + BigInt(stream.messages.length), signalsEnd: stream.signalsEnd, rejectSignals: stream.rejectSignals }),
      slice: (_, from, bytesMax) => stream && sliceOf(stream, from, { bytesMax }),
    },
    subnets: () => [theirs], read: (slice) => readStreamSlice(slice, ours), position: () => position,
    isCertified: (slice) => isSignedBySubnet(verifier, slice, derOfBlsKey(bls.publicKey(SECRET))),
  };
}
const batch = (...xnet: (CertifiedStreamSlice | undefined)[]): BatchPayload => ({ ...EMPTY_BATCH, xnet: xnet.filter((slice) => slice !== undefined) });

describe("what a block maker puts in, a validator accepts", () => {
  test.each([
    ["from the beginning", streamOf(0, 5), at0, [], 5], ["where the state stopped", streamOf(2, 6), { ...at0, message: 4n }, [], 2], ["a signal alone", streamOf(3, 3, 2), { ...at0, message: 3n, begin: 1n, end: 4n }, [], 0],
    ["that a rejection was read", streamOf(3, 3, 1), { ...at0, message: 3n, begin: 1n, end: 1n, firstReject: 2n }, [], 0],
  ] as const)("%s", (_, stream, position, past, count) => {
    const section = createXNetSection(source(stream, position)), built = section.build(at, context, past, 1e6);
    expect(built.map((slice) => readStreamSlice(slice, ours)!.messages.length)).toEqual([count]);
    expect(section.validate(at, context, built, past)).toEqual({ ok: true, value: undefined });
  });
  test("what blocks since the certified height have taken is not taken again", () => {
    const stream = streamOf(0, 5), past = [batch(sliceOf({ ...stream, messages: stream.messages.slice(0, 3) }, 0n))], section = createXNetSection(source(stream)), built = section.build(at, context, past, 1e6);
    expect(readStreamSlice(built[0]!, ours)).toMatchObject({ begin: 3n, messages: [{ callback: 3 }, { callback: 4 }] });
    expect(section.validate(at, context, built, past).ok).toBe(true);
    expect(section.validate(at, context, built, [])).toMatchObject({ ok: false, error: { kind: "invalid" } });
    expect(createXNetSection(source(stream)).build(at, context, [batch(sliceOf(stream, 0n))], 1e6)).toEqual([]);
  });
  test("as many messages as fit", () => {
    const stream = streamOf(0, 50, 0, 10_000), section = createXNetSection(source(stream)), [built] = section.build(at, context, [], 200_000);
    expect(built!.certificate.length).toBeLessThanOrEqual(200_000);
    expect(readStreamSlice(built!, ours)!.messages.length).toBeGreaterThan(15);
    expect(section.validate(at, context, [built!], []).ok).toBe(true);
    expect(section.build(at, context, [], 1000)).toEqual([]);
  });
  test("nothing when nothing is new, or the other subnet is silent", () => {
    expect(createXNetSection(source(streamOf(3, 3, 1), { ...at0, message: 3n, begin: 1n, end: 1n })).build(at, context, [], 1e6)).toEqual([]);
    expect(createXNetSection(source(undefined)).build(at, context, [], 1e6)).toEqual([]);
  });
});

describe("what a validator refuses", () => {
  const refused = (slice: CertifiedStreamSlice | undefined, position: StreamPosition = at0): unknown => {
    expect(slice).toBeDefined();
    const verdict = createXNetSection(source(undefined, position)).validate(at, context, [slice!], []);
    return verdict.ok ? "accepted" : `${verdict.error.kind}: ${verdict.error.reason}`;
  };
  test.each([
    ["another key's signature", () => sliceOf(streamOf(0, 2), 0n, { secret: OTHER_SECRET }), at0, "not signed by its subnet"],
    ["a slice to somebody else", () => sliceOf(streamOf(0, 2), 0n, { to: stranger }), at0, "malformed"],
    ["a slice of no subnet of the registry", () => sliceOf(streamOf(0, 2), 0n, { source: stranger }), at0, "no other subnet"],
    ["messages twice", () => sliceOf(streamOf(0, 2), 0n), { ...at0, message: 1n }, "another message"],
    ["a gap", () => sliceOf(streamOf(3, 5), 3n), at0, "another message"],
    ["a stream that forgot what we did not take", () => sliceOf(streamOf(3, 3, 1), 3n), { ...at0, end: 1n }, "left out messages"],
    ["a stream that is shorter than what we took", () => sliceOf(streamOf(0, 1, 1), 1n), { ...at0, message: 5n, end: 1n }, "left out messages, or taken some back"],
    ["acknowledgements taken back", () => sliceOf(streamOf(0, 2, 1), 0n), { ...at0, begin: 2n, end: 3n }, "takes back"],
    ["acknowledgements of what was not sent", () => sliceOf(streamOf(0, 2, 9), 0n), at0, "transient"],
    ["nothing new", () => sliceOf(streamOf(2, 2, 1), 2n), { ...at0, message: 2n, begin: 1n, end: 1n }, "says nothing new"],
    ["a header that denies its messages", () => sliceOf(streamOf(0, 3), 0n, { end: 2n }), at0, "malformed"],
    ["no certificate at all", () => ({ source: theirs, certificate: Uint8Array.of(1, 2, 3) }), at0, "malformed"],
  ] as const)("%s", (_, slice, position, reason) => expect(refused(slice(), position)).toContain(reason));

  test("a delegated certificate, the same subnet twice, and every flipped bit", () => {
    const good = sliceOf(streamOf(0, 2), 0n)!, section = createXNetSection(source(streamOf(0, 2)));
    const delegated = encodeCertificate({ tree: [3, Uint8Array.of(1)], signature: new Uint8Array(48), delegation: { subnet: theirs, certificate: new Uint8Array(1) } });
    expect(refused({ source: theirs, certificate: delegated })).toContain("malformed");
    expect(section.validate(at, context, [good, good], [])).toMatchObject({ ok: false, error: { reason: "streams are not sorted by their subnets" } });
    const step = Math.max(1, Math.floor((good.certificate.length * 8) / 97));
    for (let bit = 0; bit < good.certificate.length * 8; bit += step) {
      const certificate = Uint8Array.from(good.certificate);
      certificate[bit >> 3]! ^= 1 << (bit & 7);
      expect(section.validate(at, context, [{ source: theirs, certificate }], []).ok).toBe(false);
    }
  });
});
