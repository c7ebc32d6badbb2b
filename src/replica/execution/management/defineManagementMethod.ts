import type { CallOrigin, CanisterState, SystemState } from "../../state/canisterState.ts";
import type { CanisterTip } from "../../state/canisterTip.ts";
import { type CandidPrincipal, principalFromCandid } from "../../codec/candid.ts";
import type { ManagementMethodName } from "../../codec/candidManagement.ts";
import type { CanisterId, Principal, Request, Result, UserError } from "../../types/index.ts";
import type { SubnetParams } from "../../params/subnetParams.ts";
import type { ReplicatedState } from "../../state/replicatedState.ts";
import type { RoundContext } from "../roundContext.ts";

/** One call of a management method. Cycles that the method does not take return to the caller. */
export interface ManagementCall {
  readonly round: RoundContext;
  readonly caller: Principal;
  readonly origin: CallOrigin;
  /** The canister's request; users send none. */
  readonly request: Request | undefined;
  cycles: bigint;
  /** Instructions that the method used. */
  used: bigint;
  /** Those of them that do not count in the round. Absent: none. */
  spared?: bigint;
}
/** Values of the method's result types, or "later" when something else gives the answer. */
export type ManagementResult = Result<readonly unknown[], UserError> | "later";

/** Who may call a method about a canister: by the canister's settings, the subnet's admins, or anyone. */
export type Callers = "anyone" | "controllers" | "controllersOrSelf" | "controllersOrAdmins" | "uninstall" | "status" | "logs" | "snapshots";
type Target = (args: never) => CandidPrincipal;

/** What a query of the management canister is answered from. */
export interface ManagementQuery { readonly state: ReplicatedState; readonly params: SubnetParams; readonly caller: Principal }
/** Values of the method's result types, and the instructions that count in a composite query's graph. */
export type QueryResult = Result<{ readonly values: readonly unknown[]; readonly instructions: bigint }, UserError>;

/** A method of `aaaaa-aa` that is about no canister in particular. */
interface FreeMethod { readonly target?: undefined; readonly queryRun?: (query: ManagementQuery, args: never) => QueryResult; run(call: ManagementCall, args: never): ManagementResult }
/** A method about one canister; it exists and the caller is allowed when `run` is entered. */
interface TargetMethod {
  readonly target: Target; readonly callers: Callers; readonly queryRun?: (query: ManagementQuery, args: never, canister: CanisterState) => QueryResult;
  run(call: ManagementCall, args: never, canister: CanisterTip): ManagementResult;
}
/** `ingress`: users may call it, or the subnet's admins alone; `queryRun`: as a query call, answered from an immutable state. */
export type ManagementMethod = { readonly name: ManagementMethodName; readonly ingress: boolean | "admins" } & (FreeMethod | TargetMethod);

/** A row about one canister: `A` is its decoded argument record. */
export const defineTargetMethod = <A>(row: {
  readonly name: ManagementMethodName; readonly ingress: boolean; readonly callers: Callers; readonly target: (args: A) => CandidPrincipal;
  readonly queryRun?: (query: ManagementQuery, args: A, canister: CanisterState) => QueryResult;
  readonly run: (call: ManagementCall, args: A, canister: CanisterTip) => ManagementResult;
}): ManagementMethod => row as unknown as ManagementMethod;
/** A row about no canister. */
export const defineFreeMethod = <A>(row: {
  readonly name: ManagementMethodName; readonly ingress: boolean | "admins"; readonly queryRun?: (query: ManagementQuery, args: A) => QueryResult;
  readonly run: (call: ManagementCall, args: A) => ManagementResult;
}): ManagementMethod => row as unknown as ManagementMethod;

export type HasSettings = { readonly id: CanisterId; readonly system: Pick<SystemState, "settings"> };
export interface CanisterIdArgs { readonly canister_id: CandidPrincipal }
export const byCanisterId = (args: CanisterIdArgs): CandidPrincipal => args.canister_id;
export const idOf = (principal: CandidPrincipal): CanisterId => principalFromCandid(principal) as CanisterId;
