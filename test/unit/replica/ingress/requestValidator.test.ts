import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, test } from "vitest";
import { encodeCbor, encodeSelfDescribedCbor } from "../../../../src/replica/codec/cbor.ts";
import { decodeEnvelope } from "../../../../src/replica/codec/envelope.ts";
import type { CborMap } from "../../../../src/replica/codec/cbor.ts";
import { digest, forestOf } from "../../../../src/replica/hashTree/labeledTree.ts";
import { whole, witness } from "../../../../src/replica/hashTree/witness.ts";
import type { HashTree } from "../../../../src/replica/hashTree/hashTree.ts";
import type { Destination, VerifyCertificate } from "../../../../src/replica/interfaces/ingress.ts";
import { createRequestValidator } from "../../../../src/replica/ingress/requestValidator.ts";
import { createSignatureChecker } from "../../../../src/replica/ingress/signatures/signatureChecker.ts";
import { type CanisterId, bytesFromHex, err, hexFromBytes, ok, time } from "../../../../src/replica/types/index.ts";
import { type TestKey, callContent, delegate, ecdsa, ed25519, idBytes, inMinutes, label, nowNanos, queryContent, readContent, requestMessage, selfAuthenticating, signedBy, signedThrough } from "../../../hostile/buildRequest.ts";

const context = { url: "", canisterId: "rrkah-fqaaa-aaaaa-aaaaq-cai", subnetId: "", rootSubnetId: "" };
const canister = hexFromBytes(idBytes(context.canisterId)) as CanisterId;
const here: Destination = { kind: "canister", id: canister };
const nobody: VerifyCertificate = () => err("no root of trust");
const validator = createRequestValidator(nobody);
const now = () => time(nowNanos());
const call = (envelope: CborMap, at = now(), gate = validator) => gate.call(encodeSelfDescribedCbor(envelope), here, at);
const refusal = (envelope: CborMap, at = now()): string => { const result = call(envelope, at); return result.ok ? "accepted" : result.error.kind; };

describe("interface spec, Authentication", () => {
  test("an anonymous call becomes a message with the id of the specification's example", () => {
    const content = { request_type: "call", sender: Uint8Array.of(4), ingress_expiry: 1685570400000000000n, canister_id: bytesFromHex("00000000000004D2"), method_name: "hello", arg: Uint8Array.from(Buffer.from("DIDL\0\xFD*", "latin1")) };
    const envelope = encodeSelfDescribedCbor({ content });
    const result = validator.call(envelope, { kind: "canister", id: "00000000000004d2" as CanisterId }, time(1685570300000000000n));
    expect(result).toEqual(ok({
      messageId: "1d1091364d6bb8a6c16b203ee75467d59ead468f523eb058880ae8ec80e2b101", sender: "04", receiver: "00000000000004d2", effectiveCanisterId: "00000000000004d2",
      method: "hello", arg: content.arg, expiry: 1685570400000000000n, envelope,
    }));
  });
  test.each([["Ed25519", ed25519], ["P-256", () => ecdsa("P-256")], ["secp256k1", () => ecdsa("secp256k1")]] as const)("%s", (_name, make) => {
    const key = make(), result = call(signedBy(key, callContent(context)));
    expect(result.ok && result.value.sender).toBe(hexFromBytes(key.id));
  });
  test("ECDSA with either half of s, as the replica takes it", () => {
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n, key = ecdsa("P-256"), signed = signedBy(key, callContent(context));
    const signature = signed["sender_sig"] as Uint8Array, s = BigInt(`0x${hexFromBytes(signature.subarray(32))}`);
    const other = bytesFromHex(hexFromBytes(signature.subarray(0, 32)) + (order - s).toString(16).padStart(64, "0"));
    expect([call(signed).ok, call({ ...signed, sender_sig: other }).ok]).toEqual([true, true]);
  });
  test("where the registry takes unsigned requests, one without key and signature is believed; one with a wrong signature never", () => {
    const gate = createRequestValidator(nobody, { unsigned: true }), key = ed25519(), sender = ed25519().id, content = callContent(context, { sender });
    expect(call({ content }, now(), gate)).toMatchObject({ ok: true, value: { sender: hexFromBytes(sender) } });
    expect(refusal({ content })).toBe("missingSignature");
    expect(call({ ...signedBy(key, callContent(context)), content }, now(), gate)).toMatchObject({ ok: false, error: { kind: "senderNotOfKey" } });
    expect(call({ ...signedBy(key, callContent(context)), sender_sig: new Uint8Array(64) }, now(), gate)).toMatchObject({ ok: false, error: { kind: "invalidSignature" } });
    expect(call({ content, sender_sig: new Uint8Array(64) }, now(), gate)).toMatchObject({ ok: false, error: { kind: "missingSignature" } });
    expect(call({ content: { ...content, ingress_expiry: 0 } }, now(), gate)).toMatchObject({ ok: false, error: { kind: "requestExpiry" } });
    expect(gate.query(encodeSelfDescribedCbor({ content: queryContent(context, { sender }) }), here, now()).ok).toBe(true);
    expect(gate.readState(encodeSelfDescribedCbor({ content: readContent([[label("time")]], { sender }) }), now())).toMatchObject({ ok: true, value: { sender: hexFromBytes(sender) } });
  });
  test("the window of ingress_expiry, to the nanosecond", () => {
    const at = now(), dated = (offset: bigint) => refusal({ content: callContent(context, { ingress_expiry: at + offset }) }, at);
    expect([-1n, 0n, 330_000_000_000n, 330_000_000_001n].map(dated)).toEqual(["requestExpiry", "accepted", "accepted", "requestExpiry"]);
  });
  test("anonymous queries and read_states may carry any expiry", () => {
    expect(validator.query(encodeSelfDescribedCbor({ content: queryContent(context, { ingress_expiry: 0 }) }), here, now()).ok).toBe(true);
    expect(validator.readState(encodeSelfDescribedCbor({ content: readContent([[label("time")]], { ingress_expiry: 0 }) }), now()).ok).toBe(true);
  });
  test("1000 paths and 127 labels are allowed", () => {
    expect(validator.readState(encodeSelfDescribedCbor({ content: readContent([Array.from({ length: 127 }, () => label("x")), ...Array.from({ length: 999 }, () => [label("time")])]) }), now()).ok).toBe(true);
  });
});

describe("interface spec, Authentication: delegations", () => {
  const chain = (length: number, extra: (i: number) => CborMap = () => ({})): { readonly keys: TestKey[]; readonly links: CborMap[] } => {
    const keys = Array.from({ length: length + 1 }, ed25519);
    return { keys, links: keys.slice(1).map((key, i) => delegate(keys[i]!, key, extra(i))) };
  };
  test("a chain of 20", () => {
    const { keys, links } = chain(20);
    expect(call(signedThrough(keys[0]!, keys[20]!, links, callContent(context))).ok).toBe(true);
  });
  test("an empty chain is the key itself", () => {
    const key = ed25519();
    expect(call(signedThrough(key, key, [], callContent(context))).ok).toBe(true);
  });
  test("expiration is the last moment", () => {
    const at = now(), { keys, links } = chain(1, () => ({ expiration: at })), envelope = signedThrough(keys[0]!, keys[1]!, links, callContent(context));
    expect([refusal(envelope, at), refusal(envelope, time(at + 1n))]).toEqual(["accepted", "delegationExpiry"]);
  });
  test("targets are the intersection, and read_state carries them to the access rules", () => {
    const a = idBytes(context.canisterId), b = Uint8Array.of(2), c = Uint8Array.of(3);
    const { keys, links } = chain(3, (i) => (i === 0 ? { targets: [a, b] } : i === 1 ? {} : { targets: [c, a] }));
    const read = validator.readState(encodeSelfDescribedCbor(signedThrough(keys[0]!, keys[3]!, links, readContent([[label("time")]]))), now());
    expect(read.ok && read.value.targets).toEqual(new Set([canister]));
    expect(call(signedThrough(keys[0]!, keys[3]!, links, callContent(context))).ok).toBe(true);
  });
  test("1000 targets are allowed, the management canister among them", () => {
    const { keys, links } = chain(1, () => ({ targets: [...Array.from({ length: 999 }, () => Uint8Array.of(9)), new Uint8Array(0)] }));
    expect(refusal(signedThrough(keys[0]!, keys[1]!, links, callContent(context, { canister_id: new Uint8Array(0), method_name: "canister_status" })))).toBe("accepted");
    expect(refusal(signedThrough(keys[0]!, keys[1]!, links, callContent(context)))).toBe("notADelegationTarget");
  });
  test("permissions: all is no limit, queries refuses updates only", () => {
    const all = chain(1, () => ({ permissions: "all" })), queries = chain(2, (i) => (i === 0 ? { permissions: "queries" } : {}));
    expect(refusal(signedThrough(all.keys[0]!, all.keys[1]!, all.links, callContent(context)))).toBe("accepted");
    expect(refusal(signedThrough(queries.keys[0]!, queries.keys[2]!, queries.links, callContent(context)))).toBe("onlyQueries");
    expect(validator.query(encodeSelfDescribedCbor(signedThrough(queries.keys[0]!, queries.keys[2]!, queries.links, queryContent(context))), here, now()).ok).toBe(true);
  });
});

/** dfinity/ic, rs/validator/src/ingress_validation.rs, validate_signature_webauthn: a key, and its signature of message id 13. */
const PUBLISHED_WEBAUTHN = {
  key: "305e300c060a2b0601040183b8430101034e00a5010203262001215820b487d183dc4806058eb31a29bedefd7bcca987b77a381a3684871d8449c183942258202a122cc711a80453678c3032de4b6fff2c86342e82d1e7adb617c4165c43ce5e",
  signature: "d9d9f7a37261757468656e74696361746f725f646174615825bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b5010000000170636c69656e745f646174615f6a736f6e58847b2274797065223a2022776562617574686e2e676574222c20226368616c6c656e6765223a2022436d6c6a4c584a6c6358566c6333514e414141414141414141414141414141414141414141414141414141414141414141414141414141414141222c20226f726967696e223a202268747470733a2f2f6578616d706c652e6f7267227d697369676e617475726558473045022100e4029fcf1cec44e0e2a33b2b2b981411376d89f90bec9ee7d4e20ca33ce8f088022070e95aa9dd3f0cf0d6f97f306d52211288482d565012202b349b2a2d80852635",
  messageId: `0d${"00".repeat(31)}`,
} as const;

const derSequence = (tag: number, content: Uint8Array): Uint8Array => new Uint8Array([tag, ...(content.length < 128 ? [content.length] : content.length < 256 ? [0x81, content.length] : [0x82, content.length >> 8, content.length & 255]), ...content]);
const wrappedKey = (algorithm: "01" | "02", bits: Uint8Array): Uint8Array => derSequence(0x30, new Uint8Array([...bytesFromHex(`300c060a2b0601040183b84301${algorithm}`), ...derSequence(0x03, new Uint8Array([0, ...bits]))]));
const intKeyMap = (...entries: readonly (readonly [number, number | Uint8Array])[]): Uint8Array => new Uint8Array([0xa0 | entries.length, ...entries.flatMap(([key, value]) => [...encodeCbor(key), ...encodeCbor(value)])]);

describe("interface spec, WebAuthn", () => {
  const checker = createSignatureChecker(nobody);
  test("the replica's published signature", () => {
    const message = Buffer.concat([Buffer.from("\x0Aic-request", "latin1"), bytesFromHex(PUBLISHED_WEBAUTHN.messageId)]);
    expect(checker.check(bytesFromHex(PUBLISHED_WEBAUTHN.key), message, bytesFromHex(PUBLISHED_WEBAUTHN.signature))).toEqual(ok(undefined));
    expect(checker.check(bytesFromHex(PUBLISHED_WEBAUTHN.key), Buffer.concat([message, Uint8Array.of(0)]), bytesFromHex(PUBLISHED_WEBAUTHN.signature))).toMatchObject({ ok: false, error: expect.stringContaining("Challenge") as string });
  });

  const authenticators = {
    "ECDSA P-256": () => {
      const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" }), jwk = publicKey.export({ format: "jwk" });
      return { cose: intKeyMap([1, 2], [3, -7], [-1, 1], [-2, Buffer.from(jwk.x!, "base64url")], [-3, Buffer.from(jwk.y!, "base64url")]), sign: (bytes: Uint8Array) => sign("sha256", bytes, privateKey) };
    },
    RSA: () => {
      const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 }), jwk = publicKey.export({ format: "jwk" });
      return { cose: intKeyMap([1, 3], [3, -257], [-1, Buffer.from(jwk.n!, "base64url")], [-2, Buffer.from(jwk.e!, "base64url")]), sign: (bytes: Uint8Array) => sign("sha256", bytes, privateKey) };
    },
    Ed25519: () => {
      const { publicKey, privateKey } = generateKeyPairSync("ed25519"), jwk = publicKey.export({ format: "jwk" });
      return { cose: intKeyMap([1, 1], [3, -8], [-1, 6], [-2, Buffer.from(jwk.x!, "base64url")]), sign: (bytes: Uint8Array) => sign(null, bytes, privateKey) };
    },
  };
  test.each(Object.entries(authenticators))("%s", (_name, make) => {
    const { cose, sign: signWith } = make(), der = wrappedKey("01", cose), content = callContent(context, { sender: selfAuthenticating(der) });
    const assertion = (challenge: Uint8Array): Uint8Array => {
      const authenticatorData = new Uint8Array(37), clientDataJson = JSON.stringify({ type: "webauthn.get", challenge: Buffer.from(challenge).toString("base64url"), origin: "https://example.org" });
      const signature = signWith(Buffer.concat([authenticatorData, createHash("sha256").update(clientDataJson).digest()]));
      return encodeSelfDescribedCbor({ authenticator_data: authenticatorData, client_data_json: clientDataJson, signature: new Uint8Array(signature) });
    };
    expect(call({ content, sender_pubkey: der, sender_sig: assertion(requestMessage(content)) }).ok).toBe(true);
    expect(refusal({ content, sender_pubkey: der, sender_sig: assertion(label("another challenge")) })).toBe("invalidSignature");
  });
});

describe("interface spec, Canister signatures", () => {
  const signer = bytesFromHex("00000000000000070101"), seed = label("seed"), der = wrappedKey("02", new Uint8Array([signer.length, ...signer, ...seed]));
  const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash("sha256").update(bytes).digest());
  /** A canister that signed these payloads, and its certified data. */
  const signatures = (payloads: readonly Uint8Array[]) => forestOf([["sig", forestOf([[sha256(seed), forestOf(payloads.map((payload) => [sha256(payload), new Uint8Array(0)]))]])]]);
  const trusting = (certified: Uint8Array): VerifyCertificate => (certificate, id) => {
    expect(id).toBe(hexFromBytes(signer));
    return Buffer.from(certificate).toString() === "genuine" ? ok(whole(forestOf([["canister", forestOf([[signer, forestOf([["certified_data", certified]])]])]]))) : err("not signed by the root key");
  };
  const signatureOf = (tree: HashTree, certificate = "genuine"): Uint8Array => encodeSelfDescribedCbor({ certificate: label(certificate), tree: tree as never });
  const content = callContent(context, { sender: selfAuthenticating(der), ingress_expiry: inMinutes(3) });

  test("a request, its sender info, and what changes either", () => {
    const info = label("a@example.org"), infoPayload = Buffer.concat([Buffer.from("\x0Eic-sender-info", "latin1"), info]);
    const withInfo = (infoTree: HashTree) => ({ ...content, sender_info: { info, signer, sig: signatureOf(infoTree) } });
    const infoOnly = signatures([infoPayload]), signed = withInfo(witness(infoOnly, [[label("sig"), sha256(seed), sha256(infoPayload)]]));
    const both = signatures([infoPayload, requestMessage(signed), requestMessage(content)]);
    const path = (payload: Uint8Array) => witness(both, [[label("sig"), sha256(seed), sha256(payload)]]);
    const gate = createRequestValidator(trusting(digest(both)));
    expect(call({ content, sender_pubkey: der, sender_sig: signatureOf(path(requestMessage(content))) }, now(), gate).ok).toBe(true);
    expect(call({ content, sender_pubkey: der, sender_sig: signatureOf(path(requestMessage(content)), "forged") }, now(), gate)).toMatchObject({ ok: false, error: { kind: "invalidSignature", reason: expect.stringContaining("not signed by the root key") as string } });
    expect(call({ content, sender_pubkey: der, sender_sig: signatureOf(path(infoPayload)) }, now(), gate)).toMatchObject({ ok: false, error: { kind: "invalidSignature" } });
    const other = createRequestValidator(trusting(sha256(label("other data"))));
    expect(call({ content, sender_pubkey: der, sender_sig: signatureOf(path(requestMessage(content))) }, now(), other)).toMatchObject({ ok: false, error: { reason: expect.stringContaining("certified_data") as string } });
  });

  test("sender info reaches the message when the canister of the key says it", () => {
    const info = label("a@example.org"), infoPayload = Buffer.concat([Buffer.from("\x0Eic-sender-info", "latin1"), info]);
    const infoTree = signatures([infoPayload]), infoGate = createRequestValidator((certificate, id) => (Buffer.from(certificate).toString() === "info" ? trusting(digest(infoTree))(label("genuine"), id) : trusting(digest(requestTree))(certificate, id)));
    const said = { ...content, sender_info: { info, signer, sig: signatureOf(witness(infoTree, [[label("sig"), sha256(seed), sha256(infoPayload)]]), "info") } };
    const requestTree = signatures([requestMessage(said)]), signed = { content: said, sender_pubkey: der, sender_sig: signatureOf(whole(requestTree)) };
    const result = call(signed, now(), infoGate);
    expect(result.ok && result.value.senderInfo).toEqual({ info, signer: hexFromBytes(signer) });
    const lie = { ...content, sender_info: { ...said.sender_info, signer: Uint8Array.of(8) } }, lieTree = signatures([requestMessage(lie)]);
    expect(call({ content: lie, sender_pubkey: der, sender_sig: signatureOf(whole(lieTree)) }, now(), createRequestValidator(trusting(digest(lieTree))))).toMatchObject({ ok: false, error: { kind: "invalidSenderInfo" } });
  });
});

test("an envelope is decoded with the hash that its delegations were signed under", () => {
  const [a, b] = [ed25519(), ed25519()], link = delegate(a, b, { targets: [Uint8Array.of(1)] });
  const decoded = decodeEnvelope(encodeSelfDescribedCbor(signedThrough(a, b, [link], callContent(context))));
  expect(decoded.ok && decoded.value.delegations?.[0]).toMatchObject({ publicKey: b.der, targets: ["01"], permissions: undefined });
});
