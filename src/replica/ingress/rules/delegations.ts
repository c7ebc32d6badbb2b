import { type CanisterId, type Result, type Time, err, hexFromBytes, ok } from "../../types/index.ts";
import type { RequestRefusal, Targets } from "../../interfaces/ingress.ts";
import type { SignedDelegation } from "../../codec/envelope.ts";
import type { SignatureChecker } from "../signatures/signatureChecker.ts";
import { checkDelegationExpiry } from "./expiry.ts";

/** Interface spec, "Authentication". */
export const DELEGATIONS_MAX = 20;
export const TARGETS_PER_DELEGATION_MAX = 1000;
const DELEGATION_DOMAIN = Buffer.from("\x1Aic-request-auth-delegation", "latin1");

/** What a chain of delegations leaves: the key that signs requests, for which canisters, and whether for updates. */
export interface DelegatedPower { readonly publicKey: Uint8Array; readonly targets: Targets; readonly onlyQueries: boolean }

const invalid = (reason: string): { readonly ok: false; readonly error: RequestRefusal } => err({ kind: "invalidDelegation", reason });
const intersection = (targets: Targets, more: readonly CanisterId[] | undefined): Targets =>
  more === undefined ? targets : new Set(targets === "all" ? more : more.filter((id) => targets.has(id)));

/** Interface spec, "Authentication": every public key appears exactly once in the chain. */
function firstRepeated(publicKey: Uint8Array, delegations: readonly SignedDelegation[]): string | undefined {
  const seen = new Set([hexFromBytes(publicKey)]);
  for (const delegation of delegations) {
    const key = hexFromBytes(delegation.publicKey);
    if (seen.has(key)) return key;
    seen.add(key);
  }
  return undefined;
}

/** The rules of the whole chain that need no signature: length, expiry, cycles, number of targets, permissions. */
function checkChain(publicKey: Uint8Array, delegations: readonly SignedDelegation[], now: Time): Result<void, RequestRefusal> {
  if (delegations.length > DELEGATIONS_MAX) {
    return invalid(`Chain of delegations is too long: got ${delegations.length} delegations, but at most ${DELEGATIONS_MAX} are allowed.`);
  }
  const expiry = checkDelegationExpiry(delegations, now);
  if (!expiry.ok) return expiry;
  const repeated = firstRepeated(publicKey, delegations);
  if (repeated !== undefined) return invalid(`Chain of delegations contains at least one cycle: first repeating public key encountered ${repeated}`);
  for (const { targets, permissions } of delegations) {
    if (targets !== undefined && targets.length > TARGETS_PER_DELEGATION_MAX) {
      return invalid(`Delegation target error: expected at most ${TARGETS_PER_DELEGATION_MAX} targets per delegation, but got ${targets.length}`);
    }
    if (permissions !== undefined && permissions !== "all" && permissions !== "queries") return invalid(`Unknown permissions: ${permissions.slice(0, 40)}`);
  }
  return ok(undefined);
}

/** Follows a chain of delegations from the sender's key, checking each signature with the key before it. */
export function followDelegations(publicKey: Uint8Array, delegations: readonly SignedDelegation[], now: Time, checker: SignatureChecker): Result<DelegatedPower, RequestRefusal> {
  const chain = checkChain(publicKey, delegations, now);
  if (!chain.ok) return chain;
  let power: DelegatedPower = { publicKey, targets: "all", onlyQueries: false };
  for (const delegation of delegations) {
    const checked = checker.check(power.publicKey, Buffer.concat([DELEGATION_DOMAIN, delegation.hash]), delegation.signature);
    if (!checked.ok) return invalid(checked.error);
    power = {
      publicKey: delegation.publicKey,
      targets: intersection(power.targets, delegation.targets),
      onlyQueries: power.onlyQueries || delegation.permissions === "queries",
    };
  }
  return ok(power);
}

/** Interface spec, "Authentication": the canister of the request is a target of every delegation that names targets. */
export const checkTarget = (targets: Targets, canister: CanisterId): Result<void, RequestRefusal> =>
  targets === "all" || targets.has(canister) ? ok(undefined) : err({ kind: "notADelegationTarget", canister });
