import { ANONYMOUS, type Result, err, ok, time } from "../types/index.ts";
import { type CallContent, type Envelope, type ReadStateContent, type RequestContent, decodeEnvelope } from "../codec/envelope.ts";
import type { RequestRefusal, RequestValidator, VerifyCertificate } from "../interfaces/ingress.ts";
import { checkTarget } from "./rules/delegations.ts";
import { checkDestination } from "./rules/destination.ts";
import { checkIngressExpiry } from "./rules/expiry.ts";
import { authenticateSender, signedRequest } from "./rules/sender.ts";
import { checkSenderInfo } from "./rules/senderInfo.ts";
import { checkNonce } from "./rules/nonce.ts";
import { createSignatureChecker } from "./signatures/signatureChecker.ts";

type EnvelopeOf<Kind extends RequestContent["kind"]> = Envelope<Kind extends "read_state" ? ReadStateContent : CallContent>;

/** A request is looked at when its signature is claimed and when it is judged. */
const decoded = new WeakMap<Uint8Array, ReturnType<typeof decodeEnvelope>>();
function decodeOnce(bytes: Uint8Array): ReturnType<typeof decodeEnvelope> {
  let envelope = decoded.get(bytes);
  if (envelope === undefined) decoded.set(bytes, envelope = decodeEnvelope(bytes));
  return envelope;
}

function decodeAs<Kind extends RequestContent["kind"]>(kind: Kind, bytes: Uint8Array): Result<EnvelopeOf<Kind>, RequestRefusal> {
  const envelope = decodeOnce(bytes);
  if (!envelope.ok) return envelope;
  if (envelope.value.content.kind !== kind) {
    return err({ kind: "malformed", reason: `unknown variant \`${envelope.value.content.kind}\`, expected \`${kind}\`` });
  }
  return ok(envelope.value as EnvelopeOf<Kind>);
}

/**
 * The gatehouse (design §3.9, room 6): interface spec, "Authentication". Each rule stands in its own file under `rules/`; here is their
 * order, which decides what a request with several faults is told. `unsigned`: the registry of a local network says that signatures may be missing.
 */
export function createRequestValidator(verifyCertificate: VerifyCertificate, { unsigned }: { readonly unsigned: boolean } = { unsigned: false }): RequestValidator {
  const checker = createSignatureChecker(verifyCertificate);
  return {
    claim(bytes) {
      const envelope = decodeOnce(bytes);
      if (!envelope.ok) return undefined;
      const { publicKey, signature, delegations, requestHash } = envelope.value, key = delegations?.at(-1)?.publicKey ?? publicKey;
      return key === undefined || signature === undefined ? undefined : checker.claim(key, signedRequest(requestHash), signature);
    },

    call(bytes, destination, now) {
      const decoded = decodeAs("call", bytes);
      if (!decoded.ok) return decoded;
      const envelope = decoded.value, { content } = envelope;
      const wellFormed = firstFault(checkDestination(content, destination), checkIngressExpiry(content.expiry, now), checkNonce(content.nonce));
      if (wellFormed !== undefined) return err(wellFormed);
      const authority = authenticateSender(envelope, now, checker, unsigned);
      if (!authority.ok) return authority;
      // Interface spec 0.64: a key that was given queries alone signs no update.
      if (authority.value.onlyQueries) return err({ kind: "onlyQueries" });
      const target = checkTarget(authority.value.targets, content.canister);
      if (!target.ok) return target;
      const senderInfo = checkSenderInfo(envelope, checker);
      if (!senderInfo.ok) return senderInfo;
      return ok({
        messageId: envelope.requestId, sender: content.sender, receiver: content.canister,
        effectiveCanisterId: destination.kind === "canister" ? destination.id : content.canister,
        method: content.method, arg: content.arg, expiry: time(content.expiry), envelope: bytes,
        ...(senderInfo.value && { senderInfo: senderInfo.value }),
      });
    },

    query(bytes, destination, now) {
      const decoded = decodeAs("query", bytes);
      if (!decoded.ok) return decoded;
      const envelope = decoded.value, { content } = envelope;
      // Interface spec 0.29: anonymous queries may carry any expiry.
      const expiry = content.sender === ANONYMOUS ? ok(undefined) : checkIngressExpiry(content.expiry, now);
      const wellFormed = firstFault(checkDestination(content, destination), expiry, checkNonce(content.nonce));
      if (wellFormed !== undefined) return err(wellFormed);
      const authority = authenticateSender(envelope, now, checker, unsigned);
      if (!authority.ok) return authority;
      const target = checkTarget(authority.value.targets, content.canister);
      if (!target.ok) return target;
      const senderInfo = checkSenderInfo(envelope, checker);
      if (!senderInfo.ok) return senderInfo;
      const query = { sender: content.sender, receiver: content.canister, method: content.method, arg: content.arg, ...(senderInfo.value && { senderInfo: senderInfo.value }) };
      return ok({ requestId: envelope.requestId, requestHash: envelope.requestHash, query });
    },

    readState(bytes, now) {
      const decoded = decodeAs("read_state", bytes);
      if (!decoded.ok) return decoded;
      const envelope = decoded.value, { content } = envelope;
      const expiry = content.sender === ANONYMOUS ? ok(undefined) : checkIngressExpiry(content.expiry, now);
      const wellFormed = firstFault(expiry, checkNonce(content.nonce));
      if (wellFormed !== undefined) return err(wellFormed);
      const authority = authenticateSender(envelope, now, checker, unsigned);
      return authority.ok ? ok({ sender: content.sender, paths: content.paths, targets: authority.value.targets }) : authority;
    },
  };
}

const firstFault = (...checks: readonly Result<void, RequestRefusal>[]): RequestRefusal | undefined => {
  for (const check of checks) if (!check.ok) return check.error;
  return undefined;
};
