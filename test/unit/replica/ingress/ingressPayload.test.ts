import { describe, expect, test } from "vitest";
import { encodeSelfDescribedCbor } from "../../../../src/replica/codec/cbor.ts";
import { decodeIngress } from "../../../../src/replica/ingress/decodeIngress.ts";
import { createIngressPayload } from "../../../../src/replica/ingress/ingressPayload.ts";
import { createIngressPool } from "../../../../src/replica/ingress/pool.ts";
import { createRequestValidator } from "../../../../src/replica/ingress/requestValidator.ts";
import { type CanisterId, type MessageId, err, hexFromBytes, time } from "../../../../src/replica/types/index.ts";
import { callContent, ed25519, idBytes, inMinutes, label, nowNanos, signedBy } from "../../../hostile/buildRequest.ts";

const context = { url: "", canisterId: "rrkah-fqaaa-aaaaa-aaaaq-cai", subnetId: "", rootSubnetId: "" };
const canister = hexFromBytes(idBytes(context.canisterId)) as CanisterId, target = "00000000000000090101" as CanisterId;
const validator = createRequestValidator(() => err("no root of trust"));
const effectiveIdOf = (): CanisterId => target;
const key = ed25519(), NOW = time(nowNanos());
const envelope = (nonce: string, changes = {}): Uint8Array => encodeSelfDescribedCbor(signedBy(key, callContent(context, { nonce: label(nonce), ...changes })));

function payload(history: readonly MessageId[] = []) {
  const pool = createIngressPool();
  return { pool, section: createIngressPayload({ pool, validator, effectiveIdOf, isInHistory: (id) => history.includes(id) }) };
}
const idOf = (bytes: Uint8Array): MessageId => decodeIngress(bytes, effectiveIdOf)!.messageId;

describe("the ingress section of a block", () => {
  test("what is authenticated, pooled, built and decoded is one message", () => {
    const { pool, section } = payload(), bytes = envelope("1"), message = validator.call(bytes, { kind: "canister", id: canister }, NOW);
    if (!message.ok) throw new TypeError(message.error.kind);
    pool.add(message.value, "user");
    const built = section.build(NOW, []);
    expect(built).toEqual([bytes]);
    expect(section.validate(NOW, built, [])).toEqual({ ok: true, value: undefined });
    expect(decodeIngress(built[0]!, effectiveIdOf)).toEqual(message.value);
  });
  test("a management call is about the canister in its argument", () => {
    expect(decodeIngress(envelope("m", { canister_id: new Uint8Array(0), method_name: "canister_status" }), effectiveIdOf)?.effectiveCanisterId).toBe(target);
  });
  test("neither the chain nor the history lets a message in twice", () => {
    const [a, b, c] = ["a", "b", "c"].map((nonce) => envelope(nonce)) as [Uint8Array, Uint8Array, Uint8Array], { pool, section } = payload([idOf(c)]);
    for (const bytes of [a, b, c]) { const message = validator.call(bytes, { kind: "canister", id: canister }, NOW); if (message.ok) pool.add(message.value, "user"); }
    expect(section.build(NOW, [[a]])).toEqual([b]);
    for (const [ingress, past] of [[[a], [[b], [a]]], [[a, b, a], []], [[c], []]] as const) expect(section.validate(NOW, ingress, past)).toMatchObject({ ok: false, error: { kind: "invalid", reason: expect.stringContaining("is there already") as string } });
  });
  test.each([
    ["noise", () => [label("noise")]],
    ["a query", () => [encodeSelfDescribedCbor(signedBy(key, callContent(context, { request_type: "query" })))]],
    ["a flipped bit", () => { const bytes = envelope("f"); bytes[bytes.length - 5]! ^= 1; return [bytes]; }],
    ["an expired message", () => [envelope("e", { ingress_expiry: NOW - 1n })],],
    ["a message from the future", () => [envelope("e", { ingress_expiry: inMinutes(9) })]],
    ["too many", () => Array.from({ length: 1001 }, () => label("x"))],
    ["too large", () => [new Uint8Array(5 << 20)]],
  ] as const)("a block with %s is invalid", (_name, ingress) => {
    expect(payload().section.validate(NOW, ingress(), [])).toMatchObject({ ok: false, error: { kind: "invalid" } });
  });
});
