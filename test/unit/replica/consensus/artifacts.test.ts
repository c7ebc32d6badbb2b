import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeCbor } from "../../../../src/replica/codec/cbor.ts";
import { ARTIFACT_ROWS, decodeArtifact } from "../../../../src/replica/consensus/artifactRows.ts";
import { decodePayload, encodePayload } from "../../../../src/replica/consensus/payloadCodec.ts";
import type { ArtifactKind, BlockPayload, ConsensusArtifact } from "../../../../src/replica/interfaces/consensus.ts";
import { canisterId, cycles, subnetId, time } from "../../../../src/replica/types/index.ts";
import { createEvolvingSubnet } from "../../../agreement/evolvingSubnet.ts";
import { linearBls } from "../../../sim/linearBls.ts";
import { equivocatingBlockMaker } from "../../../sim/adversaries.ts";

/** One artifact of each kind, out of a real life with an equivocating block maker. */
const everyKind = (() => {
  const found = new Map<ArtifactKind, ConsensusArtifact>();
  const subnet = createEvolvingSubnet({ bls: linearBls, seed: "kinds", nodes: 4, duties: (index) => (index === 0 ? [equivocatingBlockMaker] : []) });
  subnet.runTo(22);
  for (const { sent } of subnet.nodes) for (const artifact of sent) found.set(artifact.kind, artifact);
  return found;
})();

test("every kind has a row and travels", () => {
  expect([...everyKind.keys()].sort()).toEqual(ARTIFACT_ROWS.map(({ kind }) => kind).sort());
});

describe.each(ARTIFACT_ROWS.map(({ kind }) => kind))("%s", (kind) => {
  const artifact = (): ConsensusArtifact => everyKind.get(kind)!;
  test("reads back what was written", () => {
    const bytes = artifact().bytes.slice(), decoded = decodeArtifact(bytes);
    expect(decoded).toEqual({ ok: true, value: artifact() });
  });
  test("no truncation and no extension is an artifact", () => {
    const { bytes } = artifact();
    for (let length = 0; length < bytes.length; length += Math.max(1, Math.floor(bytes.length / 60))) expect(decodeArtifact(bytes.slice(0, length)).ok).toBe(false);
    expect(decodeArtifact(Uint8Array.of(...bytes, 0)).ok).toBe(false);
  });
  test("a flipped bit is refused or is another artifact, never a crash", () => {
    const { bytes, id } = artifact();
    fc.assert(fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
      const flipped = bytes.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      const decoded = decodeArtifact(flipped);
      return !decoded.ok || decoded.value.id !== id;
    }), { numRuns: 100, seed: 7 });
  });
});

test("bytes that are no artifact", () => {
  const strange = [new Uint8Array(0), encodeCbor([]), encodeCbor(["blockProposal"]), encodeCbor(["notAKind", 1]), encodeCbor([1, 2, 3]), encodeCbor(["randomTape", -1, new Uint8Array(48)]),
    encodeCbor(["randomTape", 2n ** 60n, new Uint8Array(48)]), encodeCbor(["randomTape", 1, "text"]), encodeCbor(["notarization", 1, new Uint8Array(32), [2, 1], new Uint8Array(48)])];
  for (const bytes of strange) expect(decodeArtifact(bytes)).toMatchObject({ ok: false, error: { kind: "malformed" } });
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => !decodeArtifact(bytes).ok), { numRuns: 500, seed: 1 });
});

test("the same thing in other bytes is refused: one artifact, one id", () => {
  const tape = everyKind.get("randomTape")!;
  // The height in eight bytes instead of the fewest.
  const at = tape.bytes.indexOf(tape.height, 12);
  const longer = Uint8Array.of(...tape.bytes.slice(0, at - (tape.height > 23 ? 1 : 0)), 0x1b, 0, 0, 0, 0, 0, 0, 0, tape.height, ...tape.bytes.slice(at + 1));
  expect(decodeArtifact(longer)).toEqual({ ok: false, error: { kind: "malformed", reason: "not canonical" } });
});

test("payloads with every section read back", () => {
  const id = canisterId(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 5, 1, 1)), base = { kind: "response" as const, originator: id, respondent: id, callback: 7, refund: cycles(2n ** 100n) };
  const payload: BlockPayload = { kind: "data", dealings: [Uint8Array.of(9)], batch: {
    ingress: [Uint8Array.of(1, 2), new Uint8Array(70_000)], xnet: [{ source: subnetId(Uint8Array.of(4, 2)), certificate: Uint8Array.of(3) }],
    consensusResponses: [{ ...base, payload: { kind: "reply", data: Uint8Array.of(5) }, deadline: time(5n) }, { ...base, payload: { kind: "reject", code: 4, message: "no", errorCode: "IC0406" } }],
  } };
  expect(decodePayload(encodePayload(payload))).toEqual(payload);
});
