import { LIMITS } from "../params/limits.ts";
import type { CanisterTip } from "../state/canisterTip.ts";
import { type RoundContext, reportLog } from "./roundContext.ts";

/** Appends to the canister's log and forgets the oldest records beyond its limit (spec, "Canister logs"). */
export function appendLog(round: RoundContext, canister: CanisterTip, contents: readonly Uint8Array[]): void {
  if (contents.length === 0) return;
  const { system } = canister, limit = Number(system.settings.logMemoryLimit);
  const records = [...system.logs];
  for (const full of contents) {
    const content = full.length > LIMITS.logRecordBytesMax ? full.slice(0, LIMITS.logRecordBytesMax) : full;
    reportLog(round, canister.id, full);
    records.push({ index: system.nextLogIndex++, timestamp: round.tip.time, content });
  }
  let bytes = 0, first = records.length;
  while (first > 0 && bytes + records[first - 1]!.content.length + LOG_RECORD_OVERHEAD <= limit) bytes += records[--first]!.content.length + LOG_RECORD_OVERHEAD;
  system.logs = records.slice(first);
}
/** Index and timestamp of a record. */
const LOG_RECORD_OVERHEAD = 16;
