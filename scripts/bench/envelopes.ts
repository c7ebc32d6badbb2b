import { Cbor, LookupPathStatus, type HashTree, lookup_path, requestIdOf, uint8FromBufLike } from "@dfinity/agent";
import { Principal } from "@dfinity/principal";
import { type KeyObject, generateKeyPairSync, sign } from "node:crypto";

/** Who signs: Ed25519 over the request id, or nobody (the anonymous principal). */
export interface Signer { readonly principal: Uint8Array; readonly der?: Uint8Array; readonly key?: KeyObject }
export const anonymous: Signer = { principal: Uint8Array.of(4) };

export function newSigner(): Signer {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const der = new Uint8Array(publicKey.export({ type: "spki", format: "der" }));
  return { principal: Principal.selfAuthenticating(der).toUint8Array(), der, key: privateKey };
}

export interface SignedRequest { readonly requestId: Uint8Array; readonly body: Uint8Array }

let nonce = 0n;
/** A call or query envelope with its own nonce, ready to be posted. */
export function envelope(signer: Signer, kind: "call" | "query", canister: Uint8Array, method: string, arg: Uint8Array): SignedRequest {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(++nonce);
  const content = {
    request_type: kind, sender: signer.principal, ingress_expiry: (BigInt(Date.now()) + 240_000n) * 1_000_000n,
    canister_id: canister, method_name: method, arg, nonce: new Uint8Array(bytes),
  };
  const requestId = new Uint8Array(requestIdOf(content));
  const signed = signer.key === undefined ? { content } : {
    content, sender_pubkey: signer.der!,
    sender_sig: new Uint8Array(sign(null, Buffer.concat([Buffer.from("\x0aic-request"), requestId]), signer.key)),
  };
  return { requestId, body: uint8FromBufLike(Cbor.encode(signed)) };
}

export interface DecodedCertificate { readonly tree: HashTree; readonly signature: Uint8Array; readonly delegation?: { readonly subnet_id: Uint8Array; readonly certificate: Uint8Array } }

/** The certificate of a synchronous call's answer, decoded and not verified. */
export function certificateOf(body: Uint8Array): Uint8Array | undefined {
  const answer = Cbor.decode(body) as { status?: string; certificate?: Uint8Array };
  return answer.status === "replied" ? answer.certificate : undefined;
}

/** The reply that a certificate reveals for the request, or undefined. */
export function replyOf(certificate: Uint8Array, requestId: Uint8Array): Uint8Array | undefined {
  const { tree } = Cbor.decode(certificate) as DecodedCertificate;
  const found = lookup_path(["request_status", requestId, "reply"], tree);
  return found.status === LookupPathStatus.Found ? found.value : undefined;
}
