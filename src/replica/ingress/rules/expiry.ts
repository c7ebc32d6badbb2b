import { NANOSECONDS_PER_SECOND, type Result, type Time, err, ok, time } from "../../types/index.ts";
import type { RequestRefusal } from "../../interfaces/ingress.ts";
import type { SignedDelegation } from "../../codec/envelope.ts";

/** dfinity/ic, rs/limits: MAX_INGRESS_TTL, the furthest that a request may be dated ahead. */
export const INGRESS_TTL = 300n * NANOSECONDS_PER_SECOND;
/** dfinity/ic, rs/limits: PERMITTED_DRIFT_AT_VALIDATOR, for clients whose clocks are ahead. */
export const PERMITTED_DRIFT = 30n * NANOSECONDS_PER_SECOND;

/** Interface spec, "Authentication": `ingress_expiry` is not in the past and not too far in the future. */
export function checkIngressExpiry(provided: bigint, now: Time): Result<void, RequestRefusal> {
  const latest = time(now + INGRESS_TTL + PERMITTED_DRIFT);
  return provided >= now && provided <= latest ? ok(undefined) : err({ kind: "requestExpiry", earliest: now, latest, provided });
}

/** Interface spec, "Authentication": no delegation of the chain has expired. */
export function checkDelegationExpiry(delegations: readonly SignedDelegation[], now: Time): Result<void, RequestRefusal> {
  const expired = delegations.find((delegation) => delegation.expiration < now);
  return expired === undefined ? ok(undefined) : err({ kind: "delegationExpiry", provided: expired.expiration, now });
}
