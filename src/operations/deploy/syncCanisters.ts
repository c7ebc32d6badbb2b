import { canisterStatus, type CanisterStatus } from "../../client/canisterStatus.ts";
import { callManagement, principalOf } from "../../client/management.ts";
import type { CommandContext } from "../../context/context.ts";
import type { ProjectCanister } from "../../context/project.ts";
import { ERRORS } from "../../errors/catalogue.ts";
import { IcxError } from "../../errors/icxError.ts";
import type { Connection } from "../connect.ts";

/** Where sync steps run: names and ids that their commands are told. */
export interface SyncScope { readonly environment: string; readonly ids: Readonly<Record<string, string>>; /** Start a stopped canister first (deploy does, `icx sync` does not). */ readonly start: boolean }

/** Runs the sync steps of canisters, in order; says which had any. @throws IcxError ICX4004, ICX6012 */
export async function syncCanisters({ io, ui }: Pick<CommandContext, "io" | "ui">, { client, target }: Pick<Connection, "client" | "target">, canisters: readonly ProjectCanister[], { environment, ids, start }: SyncScope): Promise<readonly string[]> {
  const waiting = canisters.filter(({ sync }) => sync.some(({ kind }) => kind === "script"));
  if (waiting.length === 0) return [];
  await Promise.all(waiting.map(async ({ name }) => await mustRun({ client }, name, ids[name]!, start)));
  const { runShell } = await import("../../build/runShell.ts");
  for (const { name, folder, sync } of waiting) {
    const began = performance.now(), env = { ...io.env, ...syncVariables({ environment, network: target.name, ids, name }) };
    ui.report({ kind: "started", step: "Syncing", subject: name });
    for (const command of sync.flatMap((step) => (step.kind === "script" ? step.commands : []))) await runShell({ command, cwd: folder, env, name, report: ui.report, interrupted: io.interrupted });
    ui.report({ kind: "finished", step: "Synced", subject: name, durationMs: performance.now() - began });
  }
  return waiting.map(({ name }) => name);
}

async function mustRun({ client }: Pick<Connection, "client">, name: string, id: string, start: boolean): Promise<void> {
  if (start) { await callManagement(client, "start_canister", { canister_id: principalOf(id) }, id); return; }
  const { status }: CanisterStatus = await canisterStatus(client, id);
  if (status !== "running") throw new IcxError(ERRORS.canister.notRunning, { name, status });
}

/** The variables that icp-cli gives to sync steps. */
export function syncVariables({ environment, network, ids, name }: { readonly environment: string; readonly network: string; readonly ids: Readonly<Record<string, string>>; readonly name: string }): Readonly<Record<string, string>> {
  const own = ids[name], named = Object.entries(ids).map(([canister, id]) => [`ICP_CLI_CID_${canister.toUpperCase().replace(/[^A-Z0-9]/g, "_")}`, id]);
  return { ICP_CLI_ENVIRONMENT: environment, ICP_CLI_NETWORK: network, ...(own === undefined ? {} : { ICP_CLI_CID: own }), ...Object.fromEntries(named) };
}
