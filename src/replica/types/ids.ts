import type { Brand } from "./brand.ts";

/**
 * A principal as the lower-case hex of its 0–29 bytes. Hex sorts like the bytes, serves as a Map key and survives postMessage.
 * Interface spec, "Principals".
 */
export type Principal = Brand<string, "Principal">;
export type CanisterId = Principal & Brand<string, "CanisterId">;
export type SubnetId = Principal & Brand<string, "SubnetId">;
export type NodeId = Principal & Brand<string, "NodeId">;
/** Hex of the 32-byte representation-independent hash of a request. */
export type MessageId = Brand<string, "MessageId">;

/** `aaaaa-aa`: the empty principal. */
export const MANAGEMENT_CANISTER_ID = "" as CanisterId;
/** `2vxsx-fae`. */
export const ANONYMOUS = "04" as Principal;
/** Interface spec, "Principals": at most 29 bytes. */
export const PRINCIPAL_BYTES_MAX = 29;

export const hexFromBytes = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
export const bytesFromHex = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"));

/** @throws RangeError for more than 29 bytes. */
export function principalFromBytes(bytes: Uint8Array): Principal {
  if (bytes.length > PRINCIPAL_BYTES_MAX) throw new RangeError(`a principal has at most ${PRINCIPAL_BYTES_MAX} bytes, got ${bytes.length}`);
  return hexFromBytes(bytes) as Principal;
}
export const principalBytes = (principal: Principal): Uint8Array => bytesFromHex(principal);
export const canisterId = (bytes: Uint8Array): CanisterId => principalFromBytes(bytes) as CanisterId;
export const subnetId = (bytes: Uint8Array): SubnetId => principalFromBytes(bytes) as SubnetId;
export const nodeId = (bytes: Uint8Array): NodeId => principalFromBytes(bytes) as NodeId;
export const messageId = (hash: Uint8Array): MessageId => hexFromBytes(hash) as MessageId;

/** The canister id of a number: its 8 big-endian bytes and `01 01` (dfinity/ic, base_types/canister_id.rs). */
export const canisterIdFromIndex = (index: bigint): CanisterId => (index.toString(16).padStart(16, "0") + "0101") as CanisterId;
/** The number of a system-assigned canister id, or undefined for any other principal. */
export const indexFromCanisterId = (id: Principal): bigint | undefined =>
  id.length === 20 && id.endsWith("0101") ? BigInt(`0x${id.slice(0, 16)}`) : undefined;
