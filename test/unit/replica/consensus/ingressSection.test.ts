import { describe, expect, test } from "vitest";
import { INGRESS_MESSAGES_MAX, createIngressSection } from "../../../../src/replica/consensus/payload/ingressSection.ts";
import { BLOCK_PAYLOAD_BYTES_MAX, createPayloadBuilder } from "../../../../src/replica/consensus/payload/createPayloadBuilder.ts";
import { EMPTY_BATCH, encodePayload } from "../../../../src/replica/consensus/payloadCodec.ts";
import type { BatchPayload, IngressSource } from "../../../../src/replica/interfaces/consensus.ts";
import { type MessageId, type SignedIngress, canisterId, height, messageId, registryVersion, time } from "../../../../src/replica/types/index.ts";

const NOW = 1_000_000_000_000n, MINUTE = 60_000_000_000n;
const context = { registryVersion: registryVersion(1), certifiedHeight: height(4), time: time(NOW) };
const at = height(6), receiver = canisterId(Uint8Array.of(1));

/** Envelopes are authentic when their first byte is 1; the message id is made of the last two. */
function message(number: number, options: { bytes?: number; expiry?: bigint; forged?: boolean } = {}): SignedIngress {
  const envelope = new Uint8Array(options.bytes ?? 10);
  envelope[0] = options.forged === true ? 0 : 1;
  envelope.set([number >> 8, number & 255], envelope.length - 2);
  return { messageId: messageId(Uint8Array.of(number >> 8, number & 255)), sender: receiver, receiver, effectiveCanisterId: receiver, method: "m", arg: new Uint8Array(0), expiry: time(options.expiry ?? NOW + MINUTE), envelope };
}
function source(messages: readonly SignedIngress[], options: Partial<IngressSource> = {}): IngressSource {
  const byEnvelope = new Map(messages.map((m) => [Buffer.from(m.envelope).toString("hex"), m]));
  return {
    messages: () => messages, isKnown: () => false, isPayable: () => true,
    authenticate: (envelope) => (envelope[0] === 1 ? byEnvelope.get(Buffer.from(envelope).toString("hex")) : undefined), ...options,
  };
}
const batch = (ingress: readonly Uint8Array[]): BatchPayload => ({ ...EMPTY_BATCH, ingress });

describe("what a block maker puts in, a validator accepts", () => {
  test("messages in order, without what is expired, too far ahead, in the chain or in the history", () => {
    const [good, late, far, past, known, poor, edge] = [message(1), message(2, { expiry: NOW }), message(3, { expiry: NOW + 5n * MINUTE + MINUTE / 2n + 1n }), message(4), message(5), message(6), message(7, { expiry: NOW + 5n * MINUTE + MINUTE / 2n })];
    const from = source([good, late, far, past, known, poor, edge, good], { isKnown: (id) => id === known.messageId, isPayable: (m) => m !== poor });
    const section = createIngressSection(from), built = section.build(at, context, [batch([past.envelope])], 1e6);
    expect(built).toEqual([good.envelope, edge.envelope]);
    expect(section.validate(at, context, built, [batch([past.envelope])]).ok).toBe(true);
  });

  test("1000 messages and no more", () => {
    const messages = Array.from({ length: 1100 }, (_, i) => message(i)), section = createIngressSection(source(messages));
    expect(section.build(at, context, [], 1e6).length).toBe(INGRESS_MESSAGES_MAX);
    expect(section.validate(at, context, messages.slice(0, 1001).map((m) => m.envelope), [])).toMatchObject({ ok: false, error: { kind: "invalid" } });
  });

  test("4 MiB for a whole block: a message that does not fit waits, a smaller one goes", () => {
    const messages = [message(1, { bytes: 2_000_000 }), message(2, { bytes: 2_000_000 }), message(3, { bytes: 2_000_000 }), message(4)];
    const builder = createPayloadBuilder({ ingress: createIngressSection(source(messages)) });
    const built = builder.build(at, context, []);
    expect(built.ingress.map((envelope) => envelope.length)).toEqual([2_000_000, 2_000_000, 10]);
    expect(encodePayload({ kind: "data", batch: built, dealings: [] }).length).toBeLessThanOrEqual(BLOCK_PAYLOAD_BYTES_MAX);
    expect(builder.validate(at, context, built, []).ok).toBe(true);
    expect(builder.validate(at, context, batch(messages.map((m) => m.envelope)), [])).toEqual({ ok: false, error: { kind: "invalid", reason: "payload is too large" } });
  });
});

describe("what a validator refuses", () => {
  const good = message(1), known = message(2), poor = message(3), late = message(4, { expiry: NOW }), forged = message(5, { forged: true });
  const section = createIngressSection(source([good, known, poor, late, forged], { isKnown: (id: MessageId) => id === known.messageId, isPayable: (m) => m !== poor }));
  test.each([
    ["a forged message", [forged], [], "not authentic"], ["an expired one", [late], [], "expired"], ["the same twice", [good, good], [], "already in the chain"],
    ["one of an earlier block", [good], [good], "already in the chain"], ["one of the ingress history", [known], [], "ingress history"], ["one that nobody pays for", [poor], [], "cannot take"],
  ] as const)("%s", (_, messages, past, reason) => {
    const verdict = section.validate(at, context, messages.map((m) => m.envelope), [batch(past.map((m) => m.envelope))]);
    expect(verdict).toMatchObject({ ok: false, error: { kind: "invalid", reason: expect.stringContaining(reason) } });
  });

  test("a state that is not at hand is no reason to blame the block maker", () => {
    const waiting = createIngressSection(source([good], { isKnown: () => undefined }));
    expect(waiting.validate(at, context, [good.envelope], [])).toMatchObject({ ok: false, error: { kind: "transient" } });
    expect(waiting.build(at, context, [], 1e6)).toEqual([]);
  });

  test("a section that nobody builds here", () => {
    const payload = { ...EMPTY_BATCH, ingress: [good.envelope] };
    expect(createPayloadBuilder({}).validate(at, context, payload, [])).toMatchObject({ ok: false, error: { kind: "invalid" } });
  });
});
