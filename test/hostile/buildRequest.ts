import { type KeyObject, createHash, generateKeyPairSync, sign } from "node:crypto";
import { type CborMap, type CborValue, encodeSelfDescribedCbor } from "../../src/replica/codec/cbor.ts";
import { hashOfMap } from "../../src/replica/codec/requestId.ts";
import { bytesFromHex, principalFromText } from "../../src/replica/types/index.ts";

/** What the rows are built against: a running network with a canister and one of its subnets. */
export interface HostileContext {
  readonly url: string;
  /** Text ids: an installed canister, the subnet that hosts it, and another subnet (the root). */
  readonly canisterId: string;
  readonly subnetId: string;
  readonly rootSubnetId: string;
}

export const ANONYMOUS = Uint8Array.of(4);
export const label = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
export const idBytes = (text: string): Uint8Array => bytesFromHex(principalFromText(text)!);
export const nowNanos = (): bigint => BigInt(Date.now()) * 1_000_000n;
export const inMinutes = (minutes: number): bigint => nowNanos() + BigInt(Math.round(minutes * 60_000)) * 1_000_000n;
export const selfAuthenticating = (der: Uint8Array): Uint8Array => new Uint8Array([...createHash("sha224").update(der).digest(), 2]);

/** A fresh key of a user. */
export interface TestKey { readonly der: Uint8Array; readonly id: Uint8Array; sign(message: Uint8Array): Uint8Array }
const keyFrom = ({ publicKey, privateKey }: { publicKey: KeyObject; privateKey: KeyObject }, algorithm: string | null): TestKey => {
  const der = new Uint8Array(publicKey.export({ format: "der", type: "spki" }));
  return { der, id: selfAuthenticating(der), sign: (message) => new Uint8Array(sign(algorithm, message, { key: privateKey, dsaEncoding: "ieee-p1363" })) };
};
export const ed25519 = (): TestKey => keyFrom(generateKeyPairSync("ed25519"), null);
export const ecdsa = (namedCurve: "P-256" | "secp256k1"): TestKey => keyFrom(generateKeyPairSync("ec", { namedCurve }), "sha256");

export const requestMessage = (content: CborMap): Uint8Array => Buffer.concat([Buffer.from("\x0Aic-request", "latin1"), hashOfMap(content)]);
export const delegationMessage = (delegation: CborMap): Uint8Array => Buffer.concat([Buffer.from("\x1Aic-request-auth-delegation", "latin1"), hashOfMap(delegation)]);
/** `by` lends its power to `to`. */
export function delegate(by: TestKey, to: TestKey | Uint8Array, extra: CborMap = {}): CborMap {
  const delegation: CborMap = { pubkey: to instanceof Uint8Array ? to : to.der, expiration: inMinutes(60), ...extra };
  return { delegation, signature: by.sign(delegationMessage(delegation)) };
}

export const callContent = ({ canisterId }: HostileContext, changes: CborMap = {}): CborMap => ({
  request_type: "call", sender: ANONYMOUS, ingress_expiry: inMinutes(4), canister_id: idBytes(canisterId), method_name: "get", arg: label("DIDL\0\0"), ...changes,
});
export const queryContent = (context: HostileContext, changes: CborMap = {}): CborMap => callContent(context, { request_type: "query", ...changes });
export const readContent = (paths: CborValue, changes: CborMap = {}): CborMap => ({ request_type: "read_state", sender: ANONYMOUS, ingress_expiry: inMinutes(4), paths, ...changes });

/** An honest envelope of this key, with changes to the content before and to the envelope after signing. */
export function signedBy(key: TestKey, content: CborMap, changes: CborMap = {}): CborMap {
  const owned = { ...content, sender: content["sender"] === ANONYMOUS ? key.id : content["sender"] };
  return { content: owned, sender_pubkey: key.der, sender_sig: key.sign(requestMessage(owned)), ...changes };
}
/** Signed by the last key of a chain that starts at `root`. */
export function signedThrough(root: TestKey, last: TestKey, delegations: readonly CborMap[], content: CborMap): CborMap {
  const owned = { ...content, sender: root.id };
  return { content: owned, sender_pubkey: root.der, sender_delegation: delegations, sender_sig: last.sign(requestMessage(owned)) };
}

const CBOR = { "content-type": "application/cbor" };
export const post = (context: HostileContext, path: string, body: Uint8Array, headers: Record<string, string> = CBOR): Request =>
  new Request(`${context.url}${path}`, { method: "POST", headers, body: new Uint8Array(body) });
export const callPath = ({ canisterId }: HostileContext): string => `/api/v4/canister/${canisterId}/call`;
export const queryPath = ({ canisterId }: HostileContext): string => `/api/v3/canister/${canisterId}/query`;
export const readPath = ({ canisterId }: HostileContext): string => `/api/v3/canister/${canisterId}/read_state`;
export const subnetReadPath = ({ subnetId }: HostileContext): string => `/api/v3/subnet/${subnetId}/read_state`;
export const postCall = (context: HostileContext, envelope: CborValue): Request => post(context, callPath(context), encodeSelfDescribedCbor(envelope));
export const postQuery = (context: HostileContext, envelope: CborValue): Request => post(context, queryPath(context), encodeSelfDescribedCbor(envelope));
export const postRead = (context: HostileContext, envelope: CborValue): Request => post(context, readPath(context), encodeSelfDescribedCbor(envelope));

/** One malformed request and the statuses that refuse it rightly. */
export interface HostileRequest { readonly name: string; readonly build: (context: HostileContext) => Request; readonly status: readonly number[] }
export const row = (name: string, status: number | readonly number[], build: HostileRequest["build"]): HostileRequest => ({ name, build, status: typeof status === "number" ? [status] : status });
