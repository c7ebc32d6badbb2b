import { principalToText } from "../types/index.ts";
import type { RequestRefusal } from "../interfaces/ingress.ts";
import { type Answer, textAnswer } from "./answer.ts";

/** Nanoseconds since the epoch as the replica prints them: `2026-11-22 07:05:22.123456789 UTC`. */
function timeText(nanoseconds: bigint): string {
  const ms = Number(nanoseconds / 1_000_000n);
  // 8.64e15 ms is the last date that a Date can hold.
  if (ms > 8.64e15) return `${nanoseconds} ns`;
  const iso = new Date(ms).toISOString();
  const fraction = (nanoseconds % 1_000_000_000n).toString().padStart(9, "0");
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)}${/^0+$/.test(fraction) ? "" : `.${fraction}`} UTC`;
}

/** The replica's sentence for a refused request (dfinity/ic, rs/validator and rs/http_endpoints/public). */
export function refusalText(refusal: RequestRefusal): string {
  switch (refusal.kind) {
    case "notCbor": return `Failed to deserialize cbor request: ${refusal.reason} at offset ${refusal.offset}`;
    case "malformed": return `Failed to deserialize cbor request: ${refusal.reason}`;
    case "wrongDestination": return refusal.destination.kind === "canister"
      ? `Specified CanisterId ${principalToText(refusal.canister)} does not match effective canister id in URL ${principalToText(refusal.destination.id)}`
      : `Specified CanisterId ${principalToText(refusal.canister)} cannot be called through a subnet: only the management canister can`;
    case "notForSubnets": return `Method ${refusal.method.slice(0, 100)} of the management canister cannot be called through a subnet id`;
    case "requestExpiry": return `Invalid request expiry: Specified ingress_expiry not within expected range: Minimum allowed expiry: ${timeText(refusal.earliest)}, `
      + `Maximum allowed expiry: ${timeText(refusal.latest)}, Provided expiry:        ${timeText(refusal.provided)}`;
    case "delegationExpiry": return `Invalid delegation expiry: Specified sender delegation has expired:\nProvided expiry:    ${timeText(refusal.provided)}\nLocal replica time: ${timeText(refusal.now)}`;
    case "nonceTooBig": return `Nonce in request is too big: got ${refusal.bytes} bytes, but at most ${refusal.bytesMax} are allowed.`;
    case "tooManyPaths": return `Too many paths in read state request: got ${refusal.count} paths, but at most ${refusal.countMax} are allowed.`;
    case "pathTooLong": return `At least one path in read state request is too deep: got ${refusal.count} labels, but at most ${refusal.countMax} are allowed.`;
    case "anonymousSigned": return "Signature is not allowed for the anonymous user.";
    case "missingSignature": return `Missing signature from user: ${principalToText(refusal.sender)}`;
    case "senderNotOfKey": return `The user id '${principalToText(refusal.sender)}' does not match the public key '${Buffer.from(refusal.publicKey.subarray(0, 200)).toString("hex")}'`;
    case "invalidSignature": return `Invalid signature: ${refusal.reason}`;
    case "invalidDelegation": return `Invalid delegation: ${refusal.reason}`;
    case "invalidSenderInfo": return `Invalid sender info: ${refusal.reason}`;
    case "notADelegationTarget": return `Canister '${principalToText(refusal.canister)}' is not one of the delegation targets.`;
    case "onlyQueries": return "Invalid delegation: the delegation chain permits only queries, not update calls";
  }
}

/** dfinity/ic answers 400 to every request that its validator refuses (rs/http_endpoints/public/src/common.rs). */
export const refusalAnswer = (refusal: RequestRefusal): Answer => textAnswer(400, refusalText(refusal));
