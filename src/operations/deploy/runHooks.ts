import type { BuiltCanister } from "../../build/builder.ts";
import { dfxVariables } from "../../build/dfxVariables.ts";
import type { CommandContext } from "../../context/context.ts";
import type { ProjectCanister } from "../../context/project.ts";
import { syncVariables } from "./syncCanisters.ts";

/** What hooks are told: dfx's variables, and icp-cli's. */
export interface HookScope { readonly network: string; readonly environment: string; readonly ids: Readonly<Record<string, string>>; readonly built: readonly Pick<BuiltCanister, "name" | "candidPath">[] }

/** Runs a canister's commands before or after its installation, in its folder. @throws IcxError ICX4004 */
export async function runHooks({ io, ui }: Pick<CommandContext, "io" | "ui">, { name, folder }: Pick<ProjectCanister, "name" | "folder">, commands: readonly string[], { network, environment, ids, built }: HookScope): Promise<void> {
  if (commands.length === 0) return;
  const { runShell } = await import("../../build/runShell.ts");
  const env = { ...io.env, ...syncVariables({ environment, network, ids, name }), ...Object.fromEntries(dfxVariables({ ids, network, candidPaths: candidPaths(built), current: name })) };
  for (const command of commands) await runShell({ command, cwd: folder, env, name, report: ui.report, interrupted: io.interrupted });
}

/** Canister → file of its interface, where there is one. */
export const candidPaths = (built: readonly Pick<BuiltCanister, "name" | "candidPath">[]): Readonly<Record<string, string>> =>
  Object.fromEntries(built.flatMap(({ name, candidPath }) => (candidPath === undefined ? [] : [[name, candidPath]])));
