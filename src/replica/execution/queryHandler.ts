import { encodeCandid } from "../codec/candid.ts";
import { MANAGEMENT_TYPES } from "../codec/candidManagement.ts";
import type { QueryHandler, UserQuery } from "../interfaces/execution.ts";
import type { ReplicatedState } from "../state/replicatedState.ts";
import { MANAGEMENT_CANISTER_ID, type Result, type UserError, err, ok, userError } from "../types/index.ts";
import type { ExecutionModules } from "./createExecution.ts";
import { canisterNotFound } from "./executionErrors.ts";
import { idOf } from "./management/defineManagementMethod.ts";
import { decodeManagementCall } from "./management/executeManagement.ts";
import { mayCall } from "./management/permission.ts";
import { createQueryGraph } from "./queryGraph.ts";

/** Management methods that may be asked as queries: `canister_status`, `fetch_canister_logs`. */
export function queryManagement({ paramsOf }: ExecutionModules, state: ReplicatedState, { sender, method, arg }: Omit<UserQuery, "receiver">): Result<Uint8Array, UserError> {
  const decoded = decodeManagementCall(method, arg);
  if (!decoded.ok) return decoded;
  const { row, args } = decoded.value;
  if (row.target === undefined || row.queryRun === undefined) return err(userError("IC0406", `Management method ${method} cannot be called as a query`));
  const id = idOf(row.target(args as never)), canister = state.canisters.get(id);
  if (canister === undefined) return err(canisterNotFound(id));
  const allowed = mayCall(row.callers, canister, sender);
  return allowed.ok ? ok(encodeCandid(MANAGEMENT_TYPES[row.name].results, row.queryRun(canister, args as never, { params: paramsOf(state) }))) : allowed;
}

/** Answers queries from one version of the state, without changing it. */
export function createQueryHandler(modules: ExecutionModules): QueryHandler {
  return {
    query(state, query, dataCertificate) {
      if (query.receiver === MANAGEMENT_CANISTER_ID) return queryManagement(modules, state, query);
      const answer = createQueryGraph(modules, state, (request) => queryManagement(modules, state, request)).run(query, dataCertificate);
      if (answer.kind === "reply") return ok(answer.data);
      return err(userError(answer.errorCode ?? "IC0406", answer.message));
    },
  };
}
