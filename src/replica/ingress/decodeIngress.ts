import { type CanisterId, MANAGEMENT_CANISTER_ID, type SignedIngress, time } from "../types/index.ts";
import { type CallContent, decodeEnvelope } from "../codec/envelope.ts";

/**
 * The message of an envelope that was authenticated before (when its block was validated): nothing is checked again. An envelope does not
 * say where it was posted, so `effectiveIdOf` names the canister that a call of the management canister is about.
 */
export function decodeIngress(envelope: Uint8Array, effectiveIdOf: (content: CallContent) => CanisterId): SignedIngress | undefined {
  const decoded = decodeEnvelope(envelope);
  if (!decoded.ok || decoded.value.content.kind !== "call") return undefined;
  const content = decoded.value.content, info = content.senderInfo;
  return {
    messageId: decoded.value.requestId, sender: content.sender, receiver: content.canister,
    effectiveCanisterId: content.canister === MANAGEMENT_CANISTER_ID ? effectiveIdOf(content) : content.canister,
    method: content.method, arg: content.arg, expiry: time(content.expiry), envelope,
    ...(info && { senderInfo: { info: info.info, signer: info.signer as CanisterId } }),
  };
}
