import { controllersOf } from "../../client/controllersOf.ts";
import { callManagement, principalOf, rejectionError } from "../../client/management.ts";
import type { CommandContext, Shown } from "../../context/context.ts";
import { ERRORS } from "../../errors/catalogue.ts";
import { IcxError } from "../../errors/icxError.ts";
import { connect, type Connection } from "../connect.ts";
import { locate } from "../locate.ts";
import { chosen, oneOrAll, type ChoiceInput, type Chosen } from "./chosen.ts";
import { consumptionLines, readConsumption, type Consumption } from "./consumption.ts";
import { controllersLines, grouped, settingsDocument, settingsLines, type SettingsValue, type VisibilityValue } from "./settingsText.ts";

/** Only a controller, or whom `status_visibility` allows, may ask (interface spec, `canister_status`). */
const NOT_ALLOWED: readonly unknown[] = ["IC0512", "IC0542"];
const QUERY_STATS = [["num_calls_total", "Calls"], ["num_instructions_total", "Instructions"], ["request_payload_bytes_total", "Req payload bytes"], ["response_payload_bytes_total", "Res payload bytes"]] as const;

/** A canister's status in the form of `@dfinity/candid` (interface spec, `canister_status`). */
export interface StatusValue {
  readonly status: Readonly<Record<string, null>>; readonly version: bigint; readonly settings: SettingsValue; readonly module_hash: readonly Uint8Array[]; readonly memory_size: bigint; readonly cycles: bigint;
  readonly reserved_cycles: bigint; readonly idle_cycles_burned_per_day: bigint; readonly query_stats: Readonly<Record<(typeof QUERY_STATS)[number][0], bigint>>;
}
export interface StatusInput extends ChoiceInput { readonly idOnly: boolean; /** What everybody may see, from the state tree. */ readonly public: boolean }

/** Asks the network. Undefined when it may not tell us. @throws IcxError ICX6001 */
export async function readStatus({ client }: Connection, id: string): Promise<StatusValue | undefined> {
  try {
    return await callManagement(client, "canister_status", { canister_id: principalOf(id) }, id, (rejection) => rejectionError(id, "canister_status", rejection)) as StatusValue;
  } catch (error) {
    if (error instanceof IcxError && NOT_ALLOWED.includes(error.details["errorCode"])) return undefined;
    throw error;
  }
}

/** `icx canister status`: of one canister or of all; whom the network may not tell it is shown what is public. @throws IcxError ICX6001, ICX6003 */
export async function canisterStatus(context: CommandContext, input: StatusInput): Promise<Shown> {
  const all = { ...input, all: true };
  if (input.idOnly) {
    const known = chosen(context, await locate(context, input), all, "icx canister status"); // the network is not asked
    return { text: known.map(({ id }) => id).join("\n"), data: oneOrAll(known.map(({ name, id }) => ({ id, name })), input) };
  }
  const connection = await connect(context, input), canisters = chosen(context, connection, all, "icx canister status");
  const reports: { readonly text: string; readonly data: unknown }[] = [];
  for (const canister of canisters) {
    const status = input.public ? undefined : await readStatus(connection, canister.id);
    reports.push(status === undefined ? await publicReport(connection, canister) : fullReport(canister, status, await readConsumption(connection, canister.id)));
  }
  return { text: reports.map(({ text }) => text).join("\n\n"), data: oneOrAll(reports.map(({ data }) => data), input) };
}

const titled = ({ name, id }: Chosen, lines: readonly string[]): string =>
  [`Canister Id: ${id}`, ...(name === id ? [] : [`Canister Name: ${name}`]), "Canister Status Report:", ...lines.map((line) => `  ${line}`)].join("\n");

function fullReport(canister: Chosen, { status, settings, module_hash: [hash], query_stats: stats, ...found }: StatusValue, consumed: Consumption | undefined): { readonly text: string; readonly data: unknown } {
  const [kind = ""] = Object.keys(status), word = kind.charAt(0).toUpperCase() + kind.slice(1), moduleHash = hash === undefined ? null : hexHash(hash);
  const lines = [
    `Status: ${word}`, ...settingsLines(settings, "status"), `Module hash: ${moduleHash ?? "<none>"}`, `Memory size: ${grouped(found.memory_size)}`, `Cycles: ${grouped(found.cycles)}`,
    `Reserved cycles: ${grouped(found.reserved_cycles)}`, `Idle cycles burned per day: ${grouped(found.idle_cycles_burned_per_day)}`, "Query stats:", ...QUERY_STATS.map(([field, title]) => `  ${title}: ${grouped(stats[field])}`), ...consumptionLines(consumed),
  ];
  return {
    text: titled(canister, lines),
    data: {
      id: canister.id, name: canister.name, status: word, settings: settingsDocument(settings, visibilityDocument), module_hash: moduleHash, memory_size: found.memory_size, cycles: found.cycles,
      reserved_cycles: found.reserved_cycles, idle_cycles_burned_per_day: found.idle_cycles_burned_per_day, query_stats: stats, version: found.version, ...(consumed !== undefined && { cycles_consumed: consumed }),
    },
  };
}

/** icp-cli shows visibility in its status as a tagged value. */
const visibilityDocument = (value: VisibilityValue): unknown =>
  ("allowed_viewers" in value ? { type: "AllowedViewers", value: value.allowed_viewers.map((viewer) => viewer.toText()) } : { type: "public" in value ? "Public" : "Controllers" });

async function publicReport({ client }: Connection, canister: Chosen): Promise<{ readonly text: string; readonly data: unknown }> {
  const [controllers, hash] = await client.readCanister(canister.id, [["controllers"], ["module_hash"]]);
  if (controllers === undefined) throw new IcxError(ERRORS.canister.notFound, { canister: canister.id });
  const names = controllersOf(controllers), moduleHash = hash === undefined ? null : hexHash(hash);
  return { text: titled(canister, [...controllersLines(names), `Module hash: ${moduleHash ?? "<none>"}`]), data: { id: canister.id, name: canister.name, controllers: names, module_hash: moduleHash } };
}

const hexHash = (hash: Uint8Array): string => `0x${Buffer.from(hash).toString("hex")}`;
