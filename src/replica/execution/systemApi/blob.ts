import { type ErrorCode, bytesFromHex, userError } from "../../types/index.ts";
import { Trap } from "../../interfaces/wasm.ts";
import type { Host } from "./host.ts";
import { trapped } from "./traps.ts";

/** Copies `[offset, offset + size)` of `bytes` to the canister: the second half of every `_copy` call. @throws Trap out of bounds */
export function copyOut(host: Host, name: string, bytes: Uint8Array, dst: number, offset: number, size: number): void {
  if (offset + size > bytes.length) throw new Trap(userError("IC0504", `Canister violated contract: ic0_${name}: src=${offset} + length=${size} exceeds the slice size=${bytes.length}`));
  host.memory.write(dst, bytes.subarray(offset, offset + size));
}

/** Writes 128 bits, little-endian. @throws Trap out of bounds */
export function write128(host: Host, dst: number, value: bigint): void {
  const bytes = new Uint8Array(16), view = new DataView(bytes.buffer);
  view.setBigUint64(0, value & 0xffff_ffff_ffff_ffffn, true);
  view.setBigUint64(8, value >> 64n, true);
  host.memory.write(dst, bytes);
}
export const from128 = (high: bigint, low: bigint): bigint => (BigInt.asUintN(64, high) << 64n) | BigInt.asUintN(64, low);
/** The legacy calls answer in 64 bits. @throws Trap when the amount does not fit */
export function as64(amount: bigint): bigint {
  if (amount >> 64n !== 0n) throw trapped("cycles amount exceeds 64-bit representation");
  return amount;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** Bytes as text. @throws Trap with this message when they are not UTF-8 */
export function textOf(bytes: Uint8Array, message: string, code: ErrorCode = "IC0504"): string {
  try { return utf8.decode(bytes); } catch { throw new Trap(userError(code, message)); }
}
export const principalAsBytes = bytesFromHex;
