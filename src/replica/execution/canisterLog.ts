import { LIMITS } from "../params/limits.ts";
import type { CanisterTip } from "../state/canisterTip.ts";
import { type RoundContext, reportLog } from "./roundContext.ts";

/** Appends to the canister's log and forgets the oldest records beyond its limit (spec, "Canister logs"). */
export function appendLog(round: RoundContext, canister: CanisterTip, contents: readonly Uint8Array[]): void {
  if (contents.length === 0) return;
  const { system } = canister, records = [...system.logs];
  for (const full of contents) {
    const content = full.length > LIMITS.logRecordBytesMax ? full.slice(0, LIMITS.logRecordBytesMax) : full;
    reportLog(round, canister.id, full);
    records.push({ index: system.nextLogIndex++, timestamp: round.tip.time, content });
  }
  system.logs = records;
  dropOldLogs(canister);
}
/** Forgets the oldest records beyond the log's limit, which may have become smaller. */
export function dropOldLogs({ system }: CanisterTip): void {
  const { logs } = system, limit = Number(system.settings.logMemoryLimit);
  let bytes = 0, first = logs.length;
  while (first > 0 && bytes + logs[first - 1]!.content.length + LOG_RECORD_OVERHEAD <= limit) bytes += logs[--first]!.content.length + LOG_RECORD_OVERHEAD;
  if (first > 0) system.logs = logs.slice(first);
}
/** Index and timestamp of a record. */
const LOG_RECORD_OVERHEAD = 16;
