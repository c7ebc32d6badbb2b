import { encodeCandid } from "../codec/candid.ts";
import { MANAGEMENT_TYPES } from "../codec/candidManagement.ts";
import type { CountQuery, QueryHandler, UserQuery } from "../interfaces/execution.ts";
import type { ReplicatedState } from "../state/replicatedState.ts";
import { adminsOf } from "../state/routing.ts";
import { MANAGEMENT_CANISTER_ID, type Result, type UserError, err, ok, userError } from "../types/index.ts";
import type { ExecutionModules } from "./createExecution.ts";
import { canisterNotFound } from "./executionErrors.ts";
import { type QueryResult, idOf } from "./management/defineManagementMethod.ts";
import { decodeManagementCall } from "./management/executeManagement.ts";
import { managementMethods } from "./management/managementMethods.ts";
import { mayCall } from "./management/permission.ts";
import { type ExecutePart, askInSlices } from "./longQueries.ts";
import { createQueryGraph } from "./queryGraph.ts";

/** Management methods that may be asked as queries, with the instructions that they add to a composite query's graph. */
export function queryManagement({ paramsOf }: ExecutionModules, state: ReplicatedState, { sender, method, arg }: Omit<UserQuery, "receiver">): Result<{ readonly data: Uint8Array; readonly instructions: bigint }, UserError> {
  const known = managementMethods.get(method);
  if (known?.queryRun === undefined) return err(userError("IC0536", `Query method ${method} not found.`));
  const decoded = decodeManagementCall(method, arg);
  if (!decoded.ok) return decoded;
  const { row, args } = decoded.value, query = { state, params: paramsOf(state), caller: sender };
  const encoded = (result: QueryResult): ReturnType<typeof queryManagement> =>
    (result.ok ? ok({ data: encodeCandid(MANAGEMENT_TYPES[row.name].results, result.value.values), instructions: result.value.instructions }) : result);
  if (row.target === undefined) return encoded(row.queryRun!(query, args as never));
  const id = idOf(row.target(args as never)), canister = state.canisters.get(id);
  if (canister === undefined) return err(canisterNotFound(id));
  const allowed = mayCall(row.callers, canister, sender, adminsOf(state.topology, state.subnetId));
  return allowed.ok ? encoded(row.queryRun!(query, args as never, canister)) : allowed;
}

/** Answers queries from one version of the state, without changing it. */
export function createQueryHandler(modules: ExecutionModules): QueryHandler {
  function answer(state: ReplicatedState, query: UserQuery, dataCertificate: Parameters<QueryHandler["query"]>[2], part?: ExecutePart, count?: CountQuery): Result<Uint8Array, UserError> {
    if (query.receiver === MANAGEMENT_CANISTER_ID) {
      const managed = queryManagement(modules, state, query);
      return managed.ok ? ok(managed.value.data) : managed;
    }
    const counted: Parameters<CountQuery>[] = [];
    const response = createQueryGraph(modules, state, (request) => queryManagement(modules, state, request), part, (...of) => counted.push(of)).run(query, dataCertificate);
    for (const of of counted) count?.(...of); // a graph that goes on elsewhere is run again: only the last time counts
    return response.kind === "reply" ? ok(response.data) : err(userError(response.errorCode ?? "IC0406", response.message));
  }
  return {
    query: (state, query, dataCertificate, count) => answer(state, query, dataCertificate, undefined, count),
    ask: (state, query, dataCertificate, count) => askInSlices(modules, state, query, (asked, part) => answer(state, asked, dataCertificate, part, count)),
  };
}
