import { ANONYMOUS, type CanisterId, type Result, type SenderInfo, err, ok } from "../../types/index.ts";
import type { RequestRefusal } from "../../interfaces/ingress.ts";
import type { CallContent, Envelope } from "../../codec/envelope.ts";
import { parsePublicKey } from "../signatures/publicKey.ts";
import type { SignatureChecker } from "../signatures/signatureChecker.ts";

const SENDER_INFO_DOMAIN = Buffer.from("\x0Eic-sender-info", "latin1");
const invalid = (reason: string): { readonly ok: false; readonly error: RequestRefusal } => err({ kind: "invalidSenderInfo", reason });

/**
 * Interface spec, "Request: Call", `sender_info`: only a canister-signature key may say something about its sender, the signer is the
 * canister of that key, and the signature over `info` verifies under the same key.
 */
export function checkSenderInfo(envelope: Envelope<CallContent>, checker: SignatureChecker): Result<SenderInfo | undefined, RequestRefusal> {
  const { publicKey, content: { sender, senderInfo } } = envelope;
  if (senderInfo === undefined) return ok(undefined);
  if (sender === ANONYMOUS || publicKey === undefined) return invalid("the anonymous user has no sender info");
  const key = parsePublicKey(publicKey);
  if (!key.ok || key.value.scheme !== "canister") return invalid("the sender's public key is not one of a canister signature");
  if (senderInfo.signer !== key.value.canister) return invalid("the signer is not the canister of the sender's public key");
  const checked = checker.check(publicKey, Buffer.concat([SENDER_INFO_DOMAIN, senderInfo.info]), senderInfo.signature);
  return checked.ok ? ok({ info: senderInfo.info, signer: senderInfo.signer as CanisterId }) : invalid(checked.error);
}
