import { hash } from "node:crypto";
import { ANONYMOUS, type Principal, type Result, type Time, err, ok } from "../../types/index.ts";
import type { RequestRefusal, Targets } from "../../interfaces/ingress.ts";
import type { Envelope } from "../../codec/envelope.ts";
import type { SignatureChecker } from "../signatures/signatureChecker.ts";
import { followDelegations } from "./delegations.ts";

/** What the sender of a request signs. */
export const signedRequest = (requestHash: Uint8Array): Uint8Array => Buffer.concat([REQUEST_DOMAIN, requestHash]);
const REQUEST_DOMAIN = Buffer.from("\x0Aic-request", "latin1");

/** What the sender's keys allow the request to do. */
export interface Authority { readonly targets: Targets; readonly onlyQueries: boolean }

/** Interface spec, "Principals": the self-authenticating id of a public key. */
export const selfAuthenticatingId = (publicKey: Uint8Array): Principal => `${hash("sha224", publicKey, "hex")}02` as Principal;

/**
 * Interface spec, "Authentication": the anonymous sender has no key, signature or delegation; every other sender is the self-authenticating
 * id of `sender_pubkey`, and the request is signed by that key or by the last one that it delegates to. Where `unsigned` requests are taken,
 * one without key, signature and delegations is believed.
 */
export function authenticateSender(envelope: Envelope, now: Time, checker: SignatureChecker, unsigned = false): Result<Authority, RequestRefusal> {
  const { publicKey, signature, delegations, content: { sender } } = envelope;
  const bare = publicKey === undefined && signature === undefined && delegations === undefined;
  if (bare && (unsigned || sender === ANONYMOUS)) return ok({ targets: "all", onlyQueries: false });
  if (sender === ANONYMOUS) return err({ kind: "anonymousSigned" });
  if (publicKey === undefined || signature === undefined) return err({ kind: "missingSignature", sender });
  if (selfAuthenticatingId(publicKey) !== sender) return err({ kind: "senderNotOfKey", sender, publicKey });
  const power = followDelegations(publicKey, delegations ?? [], now, checker);
  if (!power.ok) return power;
  const checked = checker.check(power.value.publicKey, signedRequest(envelope.requestHash), signature);
  return checked.ok ? ok(power.value) : err({ kind: "invalidSignature", reason: checked.error });
}
