import type { BuiltCanister } from "../../build/builder.ts";
import type { CommandContext } from "../../context/context.ts";
import type { Project, ProjectCanister } from "../../context/project.ts";
import { ERRORS } from "../../errors/catalogue.ts";
import { IcxError } from "../../errors/icxError.ts";
import { buildCanisters } from "../buildProject.ts";
import type { Connection } from "../connect.ts";
import { applySettings, updateSettings } from "./applySettings.ts";
import { checkUpgrade } from "./checkUpgrade.ts";
import { createMissing } from "./createMissing.ts";
import { declaredArguments } from "./declaredArguments.ts";
import type { DeployOptions } from "./deployOptions.ts";
import { findExisting, type ExistingCanister } from "./findExisting.ts";
import { installArgument } from "./installArgument.ts";
import { installCanister } from "./installCanister.ts";
import { installOrder } from "./installOrder.ts";
import { canisterVariables, projectIds, remoteId } from "./projectIds.ts";
import { candidPaths, runHooks } from "./runHooks.ts";
import { wantedControllers } from "./wantedControllers.ts";
import { syncCanisters } from "./syncCanisters.ts";

type Mode = "install" | "reinstall" | "upgrade";
type Context = Pick<CommandContext, "io" | "ui" | "atEnd">;

/** What became of one canister. */
export interface Deployed {
  readonly name: string; readonly id: string; readonly action: "installed" | "reinstalled" | "upgraded" | "unchanged"; readonly created: boolean; readonly moduleHash: string;
  /** Settings or environment variables of an existing canister were changed. */
  readonly configured: boolean;
  readonly durationMs: number;
}
/** What became of a project. */
export interface Deployment { readonly deployed: readonly Deployed[]; readonly built: readonly BuiltCanister[] }

/** One canister on its way. */
interface Plan { readonly name: string; readonly dependencies: readonly string[]; readonly canister: ProjectCanister; readonly id: string; readonly existing: ExistingCanister | undefined; readonly built: BuiltCanister; readonly arg: Uint8Array; readonly mode: Mode | undefined; readonly keepsMemory: boolean }

/**
 * Creates what is missing, builds, compares each upgrade with what runs, gives settings and ids, installs what changed (dependencies first, the rest at once), runs hooks and sync steps. Everything that can be
 * refused is refused before the first module is installed. @throws IcxError 4xxx, 5xxx, 6xxx
 */
export async function deployCanisters(context: Context, connection: Connection, project: Project, selected: readonly ProjectCanister[], options: DeployOptions): Promise<Deployment> {
  const { target } = connection, { ui } = context, environment = options.environment ?? project.environment ?? target.name;
  const canisters = selected.filter((canister) => remoteId(canister, target.name) === undefined);
  const found = new Map(await Promise.all(canisters.map(async ({ name }) => [name, await findExisting(connection, name)] as const)));
  await checkMode(context, found, options);
  const created = await createMissing(context, connection, canisters.filter(({ name }) => found.get(name) === undefined), options);
  const ids = projectIds(connection, project), built = await buildCanisters(context, project, canisters, { network: environment, ids });
  const notes = declaredArguments(project.root), plans: Plan[] = [];
  for (const [index, canister] of canisters.entries()) {
    const { name, dependencies } = canister, existing = found.get(name), module = built[index]!, id = existing?.id ?? created.get(name)!;
    const given = options.argument !== undefined && (options.named === undefined || options.named.includes(name)) ? options.argument : undefined;
    const upgrading = existing?.moduleHash !== undefined && options.mode !== "reinstall", arg = installArgument(canister, module, given, upgrading);
    const mode = chooseMode(options, existing, module, given !== undefined || notes.changed(id, canister));
    if (mode !== undefined && existing?.refusal !== undefined) throw existing.refusal;
    const kept = mode === "upgrade" ? await checkUpgrade(context, connection, { name, id, built: module, project, yes: options.yes === true }) : undefined;
    plans.push({ name, dependencies, canister, id, existing, built: module, arg, mode, keepsMemory: kept?.keepsMemory ?? false });
  }
  const configured = new Set((await Promise.all(plans.map(async (plan) => (await configure(context, connection, plan, ids, options) ? [plan.name] : [])))).flat());
  const durations = new Map<string, number>(), scope = { network: target.name, environment, ids, built };
  for (const group of installOrder(plans)) {
    for (const { canister } of group) await runHooks(context, canister, canister.hooks.preInstall, scope);
    await Promise.all(group.map(async (plan) => {
      durations.set(plan.name, await install(context, connection, plan));
      notes.note(plan.id, plan.canister);
    }));
    for (const { canister } of group) await runHooks(context, canister, canister.hooks.postInstall, scope);
  }
  await syncCanisters(context, connection, canisters, { environment, ids, start: true });
  await writeVariables(project, options, ids, target.name, built);
  if (canisters.length < selected.length) ui.report({ kind: "note", text: `Not deployed, as the network ${target.name} has them: ${selected.filter((canister) => !canisters.includes(canister)).map(({ name }) => name).join(", ")}.` });
  return {
    built,
    deployed: plans.map(({ name, id, existing, mode, built: { moduleHash } }) => ({
      name, id, action: mode === undefined ? "unchanged" : mode === "install" ? "installed" : mode === "upgrade" ? "upgraded" : "reinstalled", created: existing === undefined, moduleHash, configured: existing !== undefined && configured.has(name),
      durationMs: Math.round(durations.get(name) ?? 0),
    })),
  };
}

/** What was asked must fit what is there; losing state needs the user's word. Nothing has been changed yet. */
async function checkMode({ ui }: Context, found: ReadonlyMap<string, ExistingCanister | undefined>, { mode }: DeployOptions): Promise<void> {
  const full = [...found].filter(([, existing]) => existing?.moduleHash !== undefined).map(([name]) => name), empty = [...found.keys()].filter((name) => !full.includes(name));
  if (mode === "install" && full.length > 0) throw new IcxError(ERRORS.canister.notEmpty, { name: full[0]! });
  if (mode === "upgrade" && empty.length > 0) throw new IcxError(ERRORS.canister.empty, { name: empty[0]! });
  if (mode === "reinstall" && full.length > 0) await ui.confirm(`Reinstalling ${full.join(", ")} erases ${full.length === 1 ? "its" : "their"} state for good. Continue?`);
}

/** Undefined: nothing has to be installed. Without a word of the user an installed canister is upgraded, never reinstalled. */
function chooseMode({ mode = "auto", upgradeUnchanged = false }: DeployOptions, existing: ExistingCanister | undefined, { moduleHash }: BuiltCanister, newArgument: boolean): Mode | undefined {
  if (mode === "reinstall") return existing?.moduleHash === undefined ? "install" : "reinstall";
  if (existing?.moduleHash === undefined) return "install";
  return mode === "auto" && existing.moduleHash === moduleHash && !newArgument && !upgradeUnchanged ? undefined : "upgrade";
}

/** Settings of the manifest and ids of the others; true when something was changed. */
async function configure({ ui }: Context, connection: Connection, { canister, id, existing }: Plan, ids: Readonly<Record<string, string>>, { controllers: given = [] }: DeployOptions): Promise<boolean> {
  const { variables: environmentVariables, leftOut } = canisterVariables(canister, ids);
  if (leftOut.length > 0) ui.report({ kind: "warning", text: `${canister.name} cannot be told more environment variables: the ids of ${leftOut.join(", ")} are not among them.` });
  const present = existing?.status?.settings.controllers.map((controller) => controller.toText()) ?? [connection.identity.principal, ...given], controllers = wantedControllers(connection, canister.settings, present);
  if (existing === undefined) { await updateSettings(connection, id, { environmentVariables, ...(controllers !== undefined && { controllers }) }); return true; }
  const { controllers: _named, ...settings } = canister.settings;
  return existing.status !== undefined && (await applySettings(connection, id, { ...settings, environmentVariables, ...(controllers !== undefined && { controllers }) }, existing.status.settings)) !== undefined;
}

async function install(context: Context, connection: Connection, { name, id, mode, built: { wasm }, arg, keepsMemory, existing }: Plan): Promise<number> {
  if (mode === undefined) return 0;
  const began = performance.now(), [doing, done] = { install: ["Installing", "Installed"], upgrade: ["Upgrading", "Upgraded"], reinstall: ["Reinstalling", "Reinstalled"] }[mode] as [string, string];
  context.ui.report({ kind: "started", step: doing, subject: name });
  await installCanister(context, connection, { name, canister: id, mode, wasm, arg, keepsMemory }, existing?.status?.status === "running");
  const durationMs = performance.now() - began;
  context.ui.report({ kind: "finished", step: done, subject: name, durationMs });
  return durationMs;
}

async function writeVariables(project: Project, { outputEnvFile = project.outputEnvFile }: DeployOptions, ids: Readonly<Record<string, string>>, network: string, built: readonly BuiltCanister[]): Promise<void> {
  if (outputEnvFile === undefined) return;
  const { writeEnvFile } = await import("../../build/envFile.ts");
  writeEnvFile({ ...project, outputEnvFile }, ids, network, candidPaths(built));
}
