import { type CanisterId, type SubnetId, hexFromBytes } from "../types/index.ts";
import { type CandidPrincipal, decodeCandid } from "./candid.ts";
import { MANAGEMENT_TYPES, type ManagementMethodName } from "./candidManagement.ts";

interface Named { readonly canister_id?: CandidPrincipal; readonly target_canister?: CandidPrincipal; readonly subnet_id?: CandidPrincipal }
function namedIn(method: string, arg: Uint8Array): Named {
  if (!Object.hasOwn(MANAGEMENT_TYPES, method)) return {};
  const decoded = decodeCandid(MANAGEMENT_TYPES[method as ManagementMethodName].args, arg);
  return decoded.ok ? (decoded.value[0] ?? {}) as Named : {};
}

/** The canister that a management call is about, by which it is routed; undefined for methods about none and for arguments that do not decode. */
export function managementTarget(method: string, arg: Uint8Array): CanisterId | undefined {
  const { canister_id, target_canister } = namedIn(method, arg), target = target_canister ?? canister_id;
  return target === undefined ? undefined : hexFromBytes(target.toUint8Array()) as CanisterId;
}

/** Methods about a subnet: `subnet_info`, `node_metrics_history`. */
const SUBNET_METHODS: readonly string[] = ["subnet_info", "node_metrics_history"];
/** The subnet that a management call is about, by which it is routed; undefined for methods about none. */
export function managementSubnet(method: string, arg: Uint8Array): SubnetId | undefined {
  if (!SUBNET_METHODS.includes(method)) return undefined;
  const { subnet_id } = namedIn(method, arg);
  return subnet_id === undefined ? undefined : hexFromBytes(subnet_id.toUint8Array()) as SubnetId;
}
