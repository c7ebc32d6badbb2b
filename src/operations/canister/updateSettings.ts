import { Principal } from "@dfinity/principal";
import { callManagement, principalOf } from "../../client/management.ts";
import type { CommandContext, Shown } from "../../context/context.ts";
import { ERRORS } from "../../errors/catalogue.ts";
import { IcxError } from "../../errors/icxError.ts";
import { openIdentity } from "../../identity/identityStore.ts";
import { connect, type Connection } from "../connect.ts";
import { resolveCanister } from "../resolveCanister.ts";
import type { CanisterInput } from "./chosen.ts";
import type { SettingsValue, VisibilityValue } from "./settingsText.ts";
import type { StatusValue } from "./status.ts";

/** How a list of who may see something changes: to a fixed policy, or by viewers. */
export interface ViewersChange { readonly policy: "controllers" | "public" | undefined; readonly add: readonly string[]; readonly remove: readonly string[]; readonly set: readonly string[] }
export interface UpdateSettingsInput extends CanisterInput {
  readonly addController: readonly string[]; readonly removeController: readonly string[]; readonly setController: readonly string[]; readonly removeAllControllers: boolean;
  readonly computeAllocation: bigint | undefined; readonly memoryAllocation: bigint | undefined; readonly freezingThreshold: bigint | undefined; readonly reservedCyclesLimit: bigint | undefined;
  readonly wasmMemoryLimit: bigint | undefined; readonly wasmMemoryThreshold: bigint | undefined; readonly logMemoryLimit: bigint | undefined;
  readonly log: ViewersChange; readonly snapshot: ViewersChange; readonly status: ViewersChange;
  /** `NAME=value`. */
  readonly addVariable: readonly string[];
  readonly removeVariable: readonly string[];
}
const COMMAND = "icx canister settings update";
const usage = (problem: string): IcxError => new IcxError(ERRORS.arguments.usage, { problem, command: COMMAND });

/** `icx canister settings update`. Losing control of the canister is asked about. @throws IcxError ICX5001, ICX5008, ICX5009, ICX6001 */
export async function updateSettings(context: CommandContext, input: UpdateSettingsInput): Promise<Shown> {
  const connection = await connect(context, input), id = resolveCanister(connection, input.canister), asked = listsAsked(input);
  const current = asked ? (await callManagement(connection.client, "canister_status", { canister_id: principalOf(id) }, id) as StatusValue).settings : undefined;
  const change = { ...numbersOf(input), ...(current === undefined ? {} : listsOf(context, connection, input, current)) };
  const names = Object.keys(change);
  if (names.length === 0) throw usage("No setting is given to change.");
  const { controllers: [controllers] = [] } = change as { readonly controllers?: readonly (readonly Principal[])[] };
  const self = openIdentity(context.io.env, input.identity).principal, had = current?.controllers.some((controller) => controller.toText() === self) === true;
  if (had && controllers !== undefined && !controllers.some((controller) => controller.toText() === self)) await context.ui.confirm(`You would no longer control ${input.canister}; that cannot be undone. Continue?`);
  await callManagement(connection.client, "update_settings", { canister_id: principalOf(id), settings: change }, id);
  return { text: `Changed ${names.join(", ")} of ${input.canister}.`, data: { canister: input.canister, id, changed: names } };
}

const given = ({ policy, add, remove, set }: ViewersChange): boolean => policy !== undefined || add.length + remove.length + set.length > 0;
const listsAsked = (input: UpdateSettingsInput): boolean => input.removeAllControllers || [input.addController, input.removeController, input.setController, input.addVariable, input.removeVariable].some((list) => list.length > 0)
  || [input.log, input.snapshot, input.status].some(given);

const numbersOf = (input: UpdateSettingsInput): Readonly<Record<string, readonly bigint[]>> => Object.fromEntries(Object.entries({
  compute_allocation: input.computeAllocation, memory_allocation: input.memoryAllocation, freezing_threshold: input.freezingThreshold, reserved_cycles_limit: input.reservedCyclesLimit,
  wasm_memory_limit: input.wasmMemoryLimit, wasm_memory_threshold: input.wasmMemoryThreshold, log_memory_limit: input.logMemoryLimit,
}).flatMap(([name, value]) => (value === undefined ? [] : [[name, [value]]])));

/** Lists are changed from what the canister has. */
function listsOf(context: CommandContext, connection: Connection, input: UpdateSettingsInput, current: SettingsValue): Readonly<Record<string, readonly unknown[]>> {
  const principal = (text: string): string => namedPrincipal(context, connection, text), change: Record<string, readonly unknown[]> = {};
  if (input.removeAllControllers || input.addController.length + input.removeController.length + input.setController.length > 0) {
    const before = input.removeAllControllers ? [] : input.setController.length > 0 ? input.setController.map(principal) : current.controllers.map((controller) => controller.toText());
    change["controllers"] = [changedList(before, input.addController.map(principal), input.removeController.map(principal)).map(principalOf)];
  }
  for (const [what, now] of [["log", current.log_visibility], ["snapshot", current.snapshot_visibility], ["status", current.status_visibility]] as const) {
    if (given(input[what])) change[`${what}_visibility`] = [changedVisibility(what, input[what], now, principal)];
  }
  if (input.addVariable.length + input.removeVariable.length > 0) {
    const added = new Map(input.addVariable.map(variable)), removed = new Set(input.removeVariable);
    change["environment_variables"] = [[...new Map([...current.environment_variables.map(({ name, value }) => [name, value] as const), ...added])].filter(([name]) => added.has(name) || !removed.has(name)).map(([name, value]) => ({ name, value }))];
  }
  return change;
}

const changedList = (before: readonly string[], add: readonly string[], remove: readonly string[]): readonly string[] => [...new Set([...before.filter((item) => !remove.includes(item)), ...add])];

function changedVisibility(what: string, { policy, add, remove, set }: ViewersChange, now: VisibilityValue, principal: (text: string) => string): unknown {
  if (policy !== undefined) {
    if (add.length + remove.length + set.length > 0) throw usage(`\`--${what}-visibility ${policy}\` does not go together with viewers.`);
    return { [policy]: null };
  }
  if (set.length === 0 && "public" in now) throw usage(`The ${what} visibility is public: \`--set-${what}-viewer\` replaces it by a list.`);
  const before = set.length > 0 ? set.map(principal) : "allowed_viewers" in now ? now.allowed_viewers.map((viewer) => viewer.toText()) : [];
  return { allowed_viewers: changedList(before, add.map(principal), remove.map(principal)).map(principalOf) };
}

function variable(text: string): readonly [string, string] {
  const at = text.indexOf("=");
  if (at < 1) throw usage(`\`${text}\` is no environment variable: write NAME=value.`);
  return [text.slice(0, at), text.slice(at + 1)];
}

/** A principal as text, or the name of an identity or canister of ours. */
function namedPrincipal({ io }: CommandContext, connection: Connection, text: string): string {
  const canister = connection.ids.get(text);
  if (canister !== undefined) return canister;
  try { return Principal.fromText(text).toText(); } catch { return openIdentity(io.env, text).principal; }
}
