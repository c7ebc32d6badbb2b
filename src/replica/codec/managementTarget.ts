import { type CanisterId, hexFromBytes } from "../types/index.ts";
import { type CandidPrincipal, decodeCandid } from "./candid.ts";
import { MANAGEMENT_TYPES, type ManagementMethodName } from "./candidManagement.ts";

/** The canister that a management call is about, by which it is routed; undefined for methods about none and for arguments that do not decode. */
export function managementTarget(method: string, arg: Uint8Array): CanisterId | undefined {
  if (!Object.hasOwn(MANAGEMENT_TYPES, method)) return undefined;
  const decoded = decodeCandid(MANAGEMENT_TYPES[method as ManagementMethodName].args, arg);
  if (!decoded.ok) return undefined;
  const { canister_id, target_canister } = (decoded.value[0] ?? {}) as { canister_id?: CandidPrincipal; target_canister?: CandidPrincipal };
  const target = target_canister ?? canister_id;
  return target === undefined ? undefined : hexFromBytes(target.toUint8Array()) as CanisterId;
}
