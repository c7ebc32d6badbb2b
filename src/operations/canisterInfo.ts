import { callManagement, principalOf } from "../client/management.ts";
import { plainValue } from "../client/plainValue.ts";
import type { CommandContext, Shown } from "../context/context.ts";
import { connect, type ConnectOptions } from "./connect.ts";
import { resolveCanister } from "./resolveCanister.ts";

interface Status {
  readonly status: Readonly<Record<string, null>>; readonly cycles: bigint; readonly memory_size: bigint; readonly module_hash: readonly Uint8Array[]; readonly idle_cycles_burned_per_day: bigint; readonly version: bigint;
  readonly settings: { readonly controllers: readonly { toText(): string }[] };
}

/** `icx canister status`; the network answers its controllers only. @throws IcxError ICX6001 */
export async function canisterStatus(context: CommandContext, input: ConnectOptions & { readonly canister: string }): Promise<Shown> {
  const connection = await connect(context, input), id = resolveCanister(connection, input.canister);
  const found = await callManagement(connection.client, "canister_status", { canister_id: principalOf(id) }, id) as Status;
  const [status] = Object.keys(found.status), [hash] = found.module_hash, moduleHash = hash === undefined ? null : Buffer.from(hash).toString("hex");
  const controllers = found.settings.controllers.map((controller) => controller.toText());
  return {
    text: [`Canister: ${id}`, `Status: ${status}`, `Controllers: ${controllers.join(" ")}`, `Memory: ${found.memory_size} bytes`, `Cycles: ${found.cycles}`, `Idle cycles per day: ${found.idle_cycles_burned_per_day}`, `Module hash: ${moduleHash ?? "none"}`].join("\n"),
    data: { canister: input.canister, id, status, controllers, memorySize: found.memory_size, cycles: found.cycles, idleCyclesBurnedPerDay: found.idle_cycles_burned_per_day, moduleHash, version: found.version, settings: plainValue(found.settings) },
  };
}

/** `icx canister start` and `stop`. @throws IcxError ICX6001 */
export async function switchCanister(context: CommandContext, input: ConnectOptions & { readonly canister: string; readonly to: "start" | "stop" }): Promise<Shown> {
  const connection = await connect(context, input), id = resolveCanister(connection, input.canister);
  await callManagement(connection.client, `${input.to}_canister`, { canister_id: principalOf(id) }, id);
  return { text: `${input.canister} is ${input.to === "start" ? "running" : "stopped"}.`, data: { canister: input.canister, id, status: input.to === "start" ? "running" : "stopped" } };
}
