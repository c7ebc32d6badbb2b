import type { LogRecord } from "../../state/canisterState.ts";
import { LIMITS } from "../../params/limits.ts";
import { err, ok, userError } from "../../types/index.ts";
import { type CanisterIdArgs, byCanisterId, defineTargetMethod } from "./defineManagementMethod.ts";

/** Interface digest §7.2: what fetching costs in a composite query's graph, and what each byte of the log's limit adds. */
const FETCH_INSTRUCTIONS = 2_300_000n, FETCH_BYTE_INSTRUCTIONS = 26n;
/** Index and timestamp of a record, and what candid adds. */
const RECORD_BYTES = 24;

interface Interval { readonly start: bigint; readonly end: bigint }
type Filter = { readonly by_idx: Interval } | { readonly by_timestamp_nanos: Interval };
function matches(record: LogRecord, filter: Filter | undefined): boolean {
  if (filter === undefined) return true;
  const [value, { start, end }] = "by_idx" in filter ? [record.index, filter.by_idx] as const : [record.timestamp, filter.by_timestamp_nanos] as const;
  return start <= value && value < end;
}

/** Spec, "fetch_canister_logs": as a query call only. The filter of newer replicas takes half-open intervals. */
export const fetchCanisterLogs = defineTargetMethod<CanisterIdArgs & { filter: [] | [Filter] }>({
  name: "fetch_canister_logs", ingress: false, callers: "logs", target: byCanisterId,
  run: () => err(userError("IC0406", "fetch_canister_logs API is only accessible in non-replicated mode")),
  queryRun(_query, { filter }, { system }) {
    const records = lastThatFit(system.logs.filter((record) => matches(record, filter[0])));
    return ok({
      values: [{ canister_log_records: records.map(({ index, timestamp, content }) => ({ idx: index, timestamp_nanos: timestamp, content })) }],
      instructions: FETCH_INSTRUCTIONS + FETCH_BYTE_INSTRUCTIONS * system.settings.logMemoryLimit,
    });
  },
});
/** The newest records of at most so many bytes as one answer may have. */
function lastThatFit(records: readonly LogRecord[]): readonly LogRecord[] {
  let bytes = 0, first = records.length;
  while (first > 0 && bytes + records[first - 1]!.content.length <= LIMITS.payloadBytesMax - LIMITS.logRecordBytesMax) bytes += records[--first]!.content.length + RECORD_BYTES;
  return records.slice(first);
}
