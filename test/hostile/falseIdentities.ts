import type { CborMap } from "../../src/replica/codec/cbor.ts";
import { encodeCbor, encodeSelfDescribedCbor } from "../../src/replica/codec/cbor.ts";
import { hashOfMap } from "../../src/replica/codec/requestId.ts";
import {
  ANONYMOUS, type HostileContext, type TestKey, callContent, delegate, ecdsa, ed25519, idBytes, inMinutes, label, nowNanos, postCall, postQuery, postRead, queryContent, readContent,
  requestMessage, row, selfAuthenticating, signedBy, signedThrough,
} from "./buildRequest.ts";

const call = (name: string, envelope: (context: HostileContext) => CborMap) => row(`call: ${name}`, 400, (context) => postCall(context, envelope(context)));
const hex = (digits: string): Uint8Array => new Uint8Array(Buffer.from(digits, "hex"));
/** A sender with a public key of our making and whatever signature. */
const withKey = (der: Uint8Array, signature: Uint8Array) => (context: HostileContext): CborMap =>
  ({ content: callContent(context, { sender: selfAuthenticating(der) }), sender_pubkey: der, sender_sig: signature });
const P256_HEAD = "3059301306072a8648ce3d020106082a8648ce3d030107034200";
const SECP256K1_HEAD = "3056301006072a8648ce3d020106052b8104000a034200";
const sized = (tag: number, content: Uint8Array): Uint8Array => new Uint8Array([tag, ...(content.length < 128 ? [content.length] : [0x82, content.length >> 8, content.length & 255]), ...content]);
const wrapped = (algorithm: "01" | "02", bits: Uint8Array): Uint8Array => sized(0x30, new Uint8Array([...hex(`300c060a2b0601040183b84301${algorithm}`), ...sized(0x03, new Uint8Array([0, ...bits]))]));
const canisterKey = (canister: Uint8Array): Uint8Array => wrapped("02", new Uint8Array([canister.length, ...canister, ...label("seed")]));
const chainOf = (length: number): { readonly keys: readonly TestKey[]; readonly delegations: readonly CborMap[] } => {
  const keys = Array.from({ length: length + 1 }, ed25519);
  return { keys, delegations: keys.slice(0, -1).map((key, i) => delegate(key, keys[i + 1]!)) };
};
/** One delegation with this in it. */
const delegated = (extra: CborMap) => (context: HostileContext): CborMap => {
  const root = ed25519(), last = ed25519();
  return signedThrough(root, last, [delegate(root, last, extra)], callContent(context));
};

/** Requests whose sender is not who they say. */
export const falseIdentities = [
  call("anonymous with a public key", (context) => ({ content: callContent(context), sender_pubkey: ed25519().der })),
  call("anonymous with a signature", (context) => ({ content: callContent(context), sender_sig: new Uint8Array(64) })),
  call("anonymous with an empty chain", (context) => ({ content: callContent(context), sender_delegation: [] })),
  call("anonymous and signed", (context) => { const key = ed25519(), content = callContent(context, { sender: Uint8Array.of(4) }); return { content, sender_pubkey: key.der, sender_sig: key.sign(requestMessage(content)) }; }),
  call("a user without a signature", (context) => ({ content: callContent(context, { sender: ed25519().id }) })),
  call("a user without the public key", (context) => signedBy(ed25519(), callContent(context), { sender_pubkey: undefined })),
  call("a user with a public key alone", (context) => signedBy(ed25519(), callContent(context), { sender_sig: undefined })),
  call("the key of somebody else", (context) => signedBy(ed25519(), callContent(context, { sender: ed25519().id }))),
  call("a canister as the sender", (context) => signedBy(ed25519(), callContent(context, { sender: idBytes(context.canisterId) }))),
  call("the management canister as the sender", (context) => signedBy(ed25519(), callContent(context, { sender: new Uint8Array(0) }))),
  call("an opaque principal as the sender", (context) => ({ content: callContent(context, { sender: Uint8Array.of(1, 2, 3) }) })),
  call("an empty signature", (context) => signedBy(ed25519(), callContent(context), { sender_sig: new Uint8Array(0) })),
  call("a signature of 63 bytes", (context) => signedBy(ed25519(), callContent(context), { sender_sig: new Uint8Array(63) })),
  call("a signature of 65 bytes", (context) => signedBy(ed25519(), callContent(context), { sender_sig: new Uint8Array(65) })),
  call("a signature of zeros", (context) => signedBy(ed25519(), callContent(context), { sender_sig: new Uint8Array(64) })),
  call("a signature of a megabyte", (context) => signedBy(ed25519(), callContent(context), { sender_sig: new Uint8Array(1 << 20) })),
  call("the signature of another request", (context) => { const key = ed25519(); return signedBy(key, callContent(context), { sender_sig: key.sign(requestMessage(callContent(context, { nonce: label("other") }))) }); }),
  call("a signature without the domain", (context) => { const key = ed25519(), content = callContent(context, { sender: key.id }); return { content, sender_pubkey: key.der, sender_sig: key.sign(hashOfMap(content)) }; }),
  call("the domain of delegations", (context) => { const key = ed25519(), content = callContent(context, { sender: key.id }); return { content, sender_pubkey: key.der, sender_sig: key.sign(Buffer.concat([Buffer.from("\x1Aic-request-auth-delegation", "latin1"), hashOfMap(content)])) }; }),
  call("another argument than was signed", (context) => { const key = ed25519(), signed = signedBy(key, callContent(context)); return { ...signed, content: { ...(signed["content"] as CborMap), arg: label("DIDL\0\x01") } }; }),
  call("a field more than was signed", (context) => { const signed = signedBy(ed25519(), callContent(context)); return { ...signed, content: { ...(signed["content"] as CborMap), extra: 1 } }; }),
  call("a P-256 signature of zeros", (context) => signedBy(ecdsa("P-256"), callContent(context), { sender_sig: new Uint8Array(64) })),
  call("a secp256k1 signature of ones", (context) => signedBy(ecdsa("secp256k1"), callContent(context), { sender_sig: new Uint8Array(64).fill(0xff) })),
  call("an empty public key", withKey(new Uint8Array(0), new Uint8Array(64))),
  call("a public key that is no DER", withKey(label("public key"), new Uint8Array(64))),
  call("a public key of a megabyte", withKey(new Uint8Array(1 << 20).fill(0x30), new Uint8Array(64))),
  call("an Ed25519 key with a byte more", (context) => withKey(new Uint8Array([...ed25519().der, 0]), new Uint8Array(64))(context)),
  call("an Ed25519 key cut short", (context) => withKey(ed25519().der.slice(0, 43), new Uint8Array(64))(context)),
  call("a raw Ed25519 key", (context) => withKey(ed25519().der.slice(12), new Uint8Array(64))(context)),
  call("a P-256 point off the curve", withKey(hex(`${P256_HEAD}04${"11".repeat(64)}`), new Uint8Array(64).fill(1))),
  call("a compressed P-256 point", withKey(hex(`3039301306072a8648ce3d020106082a8648ce3d030107032200${"02"}${"11".repeat(32)}`), new Uint8Array(64).fill(1))),
  call("a secp256k1 point of zeros", withKey(hex(`${SECP256K1_HEAD}04${"00".repeat(64)}`), new Uint8Array(64).fill(1))),
  call("a COSE key of noise", withKey(wrapped("01", label("cose")), encodeSelfDescribedCbor({}))),
  call("a COSE key of no known algorithm", withKey(wrapped("01", encodeCbor({ kty: 2 })), encodeSelfDescribedCbor({}))),
  call("a COSE key with an endless map", withKey(wrapped("01", hex("bf0102")), encodeSelfDescribedCbor({}))),
  call("a canister's key and a signature of noise", (context) => withKey(canisterKey(idBytes(context.canisterId)), label("signature"))(context)),
  call("a canister's key and a certificate of noise", (context) => withKey(canisterKey(idBytes(context.canisterId)), encodeSelfDescribedCbor({ certificate: label("c"), tree: [0] }))(context)),
  call("a canister's key and a deep tree", (context) => withKey(canisterKey(idBytes(context.canisterId)), new Uint8Array([0xa2, ...encodeCbor("certificate"), 0x40, ...encodeCbor("tree"), ...Array.from({ length: 2000 }, () => [0x83, 0x01]).flat(), 0x81, 0x00]))(context)),
  call("a canister's key longer than an id", withKey(wrapped("02", new Uint8Array([30, ...new Uint8Array(40)])), encodeSelfDescribedCbor({}))),
  call("21 delegations", (context) => { const { keys, delegations } = chainOf(21); return signedThrough(keys[0]!, keys[21]!, delegations, callContent(context)); }),
  call("a delegation to oneself", (context) => { const key = ed25519(); return signedThrough(key, key, [delegate(key, key)], callContent(context)); }),
  call("a cycle of delegations", (context) => { const [a, b] = [ed25519(), ed25519()]; return signedThrough(a, a, [delegate(a, b), delegate(b, a)], callContent(context)); }),
  call("a foreign delegation", (context) => { const [root, thief, last] = [ed25519(), ed25519(), ed25519()]; return signedThrough(root, last, [delegate(thief, last)], callContent(context)); }),
  call("a chain with a missing link", (context) => { const { keys, delegations } = chainOf(3); return signedThrough(keys[0]!, keys[3]!, [delegations[0]!, delegations[2]!], callContent(context)); }),
  call("a chain in the wrong order", (context) => { const { keys, delegations } = chainOf(2); return signedThrough(keys[0]!, keys[2]!, delegations.toReversed(), callContent(context)); }),
  call("the delegated key unused", (context) => { const root = ed25519(); return signedThrough(root, root, [delegate(root, ed25519())], callContent(context)); }),
  call("an expired delegation", delegated({ expiration: nowNanos() - 1_000_000_000n })),
  call("a delegation whose expiration was changed", (context) => { const root = ed25519(), last = ed25519(), signed = delegate(root, last); return signedThrough(root, last, [{ ...signed, delegation: { ...(signed["delegation"] as CborMap), expiration: inMinutes(600) } }], callContent(context)); }),
  call("a delegation whose targets were dropped", (context) => { const root = ed25519(), last = ed25519(), signed = delegate(root, last, { targets: [Uint8Array.of(1)] }); return signedThrough(root, last, [{ ...signed, delegation: { ...(signed["delegation"] as CborMap), targets: undefined } }], callContent(context)); }),
  call("a delegation to noise", (context) => { const root = ed25519(); return signedThrough(root, ed25519(), [delegate(root, label("key"))], callContent(context)); }),
  call("a delegation without a key", delegated({ pubkey: undefined })),
  call("a delegation without an end", delegated({ expiration: undefined })),
  call("a delegation for nobody", delegated({ targets: [] })),
  call("a delegation for another canister", delegated({ targets: [Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 9, 1, 1)] })),
  call("a delegation with 1001 targets", (context) => delegated({ targets: Array.from({ length: 1001 }, () => idBytes(context.canisterId)) })(context)),
  call("targets that have nothing in common", (context) => {
    const keys = [ed25519(), ed25519(), ed25519()] as const;
    return signedThrough(keys[0], keys[2], [delegate(keys[0], keys[1], { targets: [idBytes(context.canisterId)] }), delegate(keys[1], keys[2], { targets: [Uint8Array.of(1)] })], callContent(context));
  }),
  call("a target of 30 bytes", delegated({ targets: [new Uint8Array(30)] })),
  call("a delegation for queries alone", delegated({ permissions: "queries" })),
  call("unknown permissions", delegated({ permissions: "everything" })),
  call("permissions in bytes", delegated({ permissions: label("all") })),
  call("a management call beyond the targets", (context) => { const root = ed25519(), last = ed25519(); return signedThrough(root, last, [delegate(root, last, { targets: [idBytes(context.canisterId)] })], callContent(context, { canister_id: new Uint8Array(0), method_name: "canister_status" })); }),
  call("sender_info under a plain key", (context) => signedBy(ed25519(), callContent(context, { sender_info: { info: label("i"), signer: idBytes(context.canisterId), sig: label("s") } }))),
  row("query: unknown permissions", 400, (context) => { const root = ed25519(), last = ed25519(); return postQuery(context, signedThrough(root, last, [delegate(root, last, { permissions: "everything" })], queryContent(context))); }),
  row("query: a foreign delegation", 400, (context) => { const [root, thief, last] = [ed25519(), ed25519(), ed25519()]; return postQuery(context, signedThrough(root, last, [delegate(thief, last)], queryContent(context))); }),
  row("query: anonymous and signed", 400, (context) => postQuery(context, { content: queryContent(context), sender_sig: new Uint8Array(64) })),
  row("read_state: a signature of zeros", 400, (context) => postRead(context, signedBy(ed25519(), readContent([[label("time")]]), { sender_sig: new Uint8Array(64) }))),
  row("read_state: a user without a signature", 400, (context) => postRead(context, { content: readContent([[label("time")]], { sender: ed25519().id }) })),
  row("read_state: anonymous with a key", 400, (context) => postRead(context, { content: readContent([[label("time")]], { sender: ANONYMOUS }), sender_pubkey: ed25519().der })),
];
