import type { LogRecord } from "../../state/canisterState.ts";
import { err, userError } from "../../types/index.ts";
import { type CanisterIdArgs, byCanisterId, defineTargetMethod } from "./defineManagementMethod.ts";

interface Interval { readonly start: bigint; readonly end: bigint }
type Filter = { readonly by_idx: Interval } | { readonly by_timestamp_nanos: Interval };
function matches(record: LogRecord, filter: Filter | undefined): boolean {
  if (filter === undefined) return true;
  const [value, { start, end }] = "by_idx" in filter ? [record.index, filter.by_idx] as const : [record.timestamp, filter.by_timestamp_nanos] as const;
  return start <= value && value < end;
}

/** Spec, "fetch_canister_logs": as a query call only. */
export const fetchCanisterLogs = defineTargetMethod<CanisterIdArgs & { filter: [] | [Filter] }>({
  name: "fetch_canister_logs", ingress: false, callers: "logs", target: byCanisterId,
  run: () => err(userError("IC0406", "fetch_canister_logs API is only accessible in non-replicated mode")),
  queryRun: ({ system }, { filter }) => [{
    canister_log_records: system.logs.filter((record) => matches(record, filter[0])).map(({ index, timestamp, content }) => ({ idx: index, timestamp_nanos: timestamp, content })),
  }],
});
