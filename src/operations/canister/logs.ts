import { setTimeout as delay } from "node:timers/promises";
import { callManagement, principalOf } from "../../client/management.ts";
import type { CommandContext, Shown } from "../../context/context.ts";
import { ERRORS } from "../../errors/catalogue.ts";
import { IcxError } from "../../errors/icxError.ts";
import { connect, type Connection } from "../connect.ts";
import { resolveCanister } from "../resolveCanister.ts";
import type { CanisterInput } from "./chosen.ts";
import { momentText, parseMoment } from "./logTime.ts";

/** The end of an interval without one. */
export const U64_MAX = (1n << 64n) - 1n;
const CONTROL = /[^\P{Cc}\n\t]/u;

export interface LogsInput extends CanisterInput {
  readonly follow: boolean;
  /** Seconds between two questions when following. */
  readonly interval: bigint | undefined;
  /** The last so many alone. */
  readonly tail: bigint | undefined;
  readonly since: string | undefined;
  readonly until: string | undefined;
  readonly sinceIndex: bigint | undefined;
  readonly untilIndex: bigint | undefined;
}
interface Interval { readonly start: bigint; readonly end: bigint }
/** Which records of a log are wanted; half-open intervals. */
export type Filter = { readonly by_idx: Interval } | { readonly by_timestamp_nanos: Interval };
/** One record of a log, as the network tells it. */
export interface LogRecord { readonly idx: bigint; readonly timestamp_nanos: bigint; readonly content: Uint8Array }

/** `icx canister logs`. Following, it streams one record a line until the user interrupts, and gives nothing to show. @throws IcxError ICX5001, ICX6001 */
export async function canisterLogs(context: CommandContext, input: LogsInput): Promise<Shown | undefined> {
  const filter = filterOf(input), connection = await connect(context, input), id = resolveCanister(connection, input.canister);
  if (input.follow) { await follow(context, connection, id, input); return undefined; }
  const records = lastOf(await fetchLogs(connection, id, filter), input.tail);
  return { text: records.map(lineOf).join("\n"), data: { log_records: records.map(documentOf) } };
}

function filterOf({ follow, since, until, sinceIndex, untilIndex }: LogsInput): Filter | undefined {
  const byTime = since !== undefined || until !== undefined, byIndex = sinceIndex !== undefined || untilIndex !== undefined;
  const wrong = byTime && byIndex ? "Records are chosen by time or by index, not by both." : follow && (byTime || byIndex) ? "`--follow` begins now; leave out `--since`, `--until` and the indices." : undefined;
  if (wrong !== undefined) throw new IcxError(ERRORS.arguments.usage, { problem: wrong, command: "icx canister logs" });
  if (byIndex) return { by_idx: { start: sinceIndex ?? 0n, end: untilIndex ?? U64_MAX } };
  if (!byTime) return undefined;
  const now = Date.now(), moment = (text: string | undefined, option: string, otherwise: bigint): bigint => (text === undefined ? otherwise : parseMoment(text, option, now));
  return { by_timestamp_nanos: { start: moment(since, "--since", 0n), end: moment(until, "--until", U64_MAX) } };
}

async function follow({ io, ui }: CommandContext, connection: Connection, id: string, { interval, tail }: LogsInput): Promise<void> {
  let next: bigint | undefined;
  while (!io.interrupted.aborted) {
    const found = await fetchLogs(connection, id, next === undefined ? undefined : { by_idx: { start: next, end: U64_MAX } });
    for (const record of next === undefined ? lastOf(found, tail) : found) ui.stream({ text: lineOf(record), data: documentOf(record) });
    next = (found.at(-1)?.idx ?? (next ?? 0n) - 1n) + 1n;
    await delay(Number(interval ?? 1n) * 1_000, undefined, { signal: io.interrupted }).catch(() => undefined); // an interrupt ends it
  }
}

const lastOf = (records: readonly LogRecord[], tail: bigint | undefined): readonly LogRecord[] => (tail === undefined ? records : tail === 0n ? [] : records.slice(-Number(tail)));

/** Asks for a canister's log, by query. @throws IcxError ICX6001 */
export async function fetchLogs({ client }: Pick<Connection, "client">, id: string, filter: Filter | undefined): Promise<readonly LogRecord[]> {
  const answer = await callManagement(client, "fetch_canister_logs", { canister_id: principalOf(id), filter: filter === undefined ? [] : [filter] }, id) as { readonly canister_log_records: readonly LogRecord[] };
  return answer.canister_log_records;
}

const documentOf = ({ idx, timestamp_nanos, content }: LogRecord): unknown => ({ timestamp: timestamp_nanos, index: idx, content: printable(content) });
const lineOf = ({ idx, timestamp_nanos, content }: LogRecord): string => `[${idx}. ${momentText(timestamp_nanos)}]: ${printable(content)}`;

/** Text as it is; what is no text, or would steer the terminal, in hex. */
export function printable(content: Uint8Array): string {
  const hex = (): string => `(bytes) 0x${Buffer.from(content).toString("hex")}`;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(content);
    return CONTROL.test(text) ? hex() : text;
  } catch { return hex(); }
}
