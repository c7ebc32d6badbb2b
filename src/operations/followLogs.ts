import { setTimeout as delay } from "node:timers/promises";
import type { CommandContext, Shown } from "../context/context.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { U64_MAX, fetchLogs, printable, type LogRecord } from "./canister/logs.ts";
import { momentText, parseMoment } from "./canister/logTime.ts";
import type { Chosen } from "./canister/chosen.ts";
import { connect, type ConnectOptions, type Connection } from "./connect.ts";
import { locate } from "./locate.ts";
import { resolveCanister } from "./resolveCanister.ts";

/** A trap has to be seen within a second of the round in which it happened. */
const POLL_MS = 300;

export interface FollowInput extends ConnectOptions {
  /** None: every canister of the project. */
  readonly canisters: readonly string[];
  readonly follow: boolean;
  /** The last so many of all alone. */
  readonly tail: bigint | undefined;
  readonly since: string | undefined;
}
interface Line extends Chosen { readonly record: LogRecord }
/** What of a log has been shown: everything before a moment, and these indices of that moment. Indices alone begin again with a reinstallation. */
interface Cursor { readonly from: bigint; readonly shown: ReadonlySet<bigint> }

/** `icx logs`: the logs of several canisters as one, in the order of time. Following, it streams them until the user interrupts. @throws IcxError ICX1001, ICX2004, ICX5001, ICX6001 */
export async function projectLogs(context: CommandContext, input: FollowInput): Promise<Shown | undefined> {
  const { io, ui } = context, since = input.since === undefined ? 0n : parseMoment(input.since, "--since", Date.now());
  if (input.follow && (await locate(context, input)).target.stopped === true) throw new IcxError(ERRORS.network.notStarted); // its state would be held, and nobody could change it
  const connection = await connect(context, input), cursors = new Map<string, Cursor>(), refused = new Set<string>();
  /** Records that were not seen yet, oldest first. A project's canister that cannot be read is told about once. */
  const news = async (): Promise<readonly Line[]> => {
    const canisters = chosenNow(context, connection, input.canisters).filter(({ id }) => !refused.has(id));
    const found = await Promise.all(canisters.map(async (canister) => {
      try { return await newOf(connection, canister, cursors, since); } catch (error) {
        if (input.canisters.length > 0 || !(error instanceof IcxError) || error.code !== ERRORS.canister.rejected.code) throw error;
        refused.add(canister.id);
        ui.report({ kind: "warning", text: `${canister.name}: ${error.message}` });
        return [];
      }
    }));
    return found.flat().sort((a, b) => Number(a.record.timestamp_nanos - b.record.timestamp_nanos) || (a.name < b.name ? -1 : a.name > b.name ? 1 : Number(a.record.idx - b.record.idx)));
  };
  const all = await news(), first = input.tail === undefined ? all : input.tail === 0n ? [] : all.slice(-Number(input.tail));
  const width = (lines: readonly Line[]): number => Math.max(0, ...lines.map(({ name }) => name.length), ...chosenNow(context, connection, input.canisters).map(({ name }) => name.length));
  if (!input.follow) return { text: first.map((line) => lineOf(line, width(first))).join("\n"), data: { log_records: first.map(documentOf) } };
  const show = (lines: readonly Line[]): void => { const columns = width(lines); for (const line of lines) ui.stream({ text: lineOf(line, columns), data: documentOf(line) }); };
  show(first);
  while (!io.interrupted.aborted) {
    await delay(POLL_MS, undefined, { signal: io.interrupted }).catch(() => undefined); // an interrupt ends it
    if (!io.interrupted.aborted) show(await news());
  }
  return undefined;
}

/** Those of the project that exist by now, or those that were named. */
function chosenNow({ io }: Pick<CommandContext, "io">, connection: Connection, names: readonly string[]): readonly Chosen[] {
  if (names.length > 0) return names.map((name) => ({ name, id: resolveCanister(connection, name) }));
  const { project, ids } = connection;
  if (project === undefined) throw new IcxError(ERRORS.project.notFound, { directory: io.cwd });
  return project.canisters.flatMap(({ name }) => { const id = ids.get(name); return id === undefined ? [] : [{ name, id }]; });
}

async function newOf(connection: Connection, canister: Chosen, cursors: Map<string, Cursor>, since: bigint): Promise<readonly Line[]> {
  const { from, shown } = cursors.get(canister.id) ?? { from: since, shown: new Set<bigint>() };
  const records = (await fetchLogs(connection, canister.id, { by_timestamp_nanos: { start: from, end: U64_MAX } })).filter(({ timestamp_nanos, idx }) => timestamp_nanos > from || !shown.has(idx));
  const last = records.at(-1)?.timestamp_nanos;
  if (last !== undefined) cursors.set(canister.id, { from: last, shown: new Set([...(last === from ? shown : []), ...records.filter(({ timestamp_nanos }) => timestamp_nanos === last).map(({ idx }) => idx)]) });
  return records.map((record) => ({ ...canister, record }));
}

const lineOf = ({ name, record }: Line, width: number): string => `${momentText(record.timestamp_nanos)}  ${name.padEnd(width)}  ${printable(record.content).replaceAll("\n", "\n    ")}`;
const documentOf = ({ name, id, record }: Line): unknown => ({ timestamp: record.timestamp_nanos, canister: name, canister_id: id, index: record.idx, content: printable(record.content) });
