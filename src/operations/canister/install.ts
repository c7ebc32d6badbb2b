import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { moduleMetadata } from "../../build/moduleMetadata.ts";
import type { CommandContext, Shown } from "../../context/context.ts";
import type { InitArgs } from "../../context/project.ts";
import { ERRORS } from "../../errors/catalogue.ts";
import { IcxError } from "../../errors/icxError.ts";
import { selectCanisters } from "../../project/selectCanisters.ts";
import { buildCanisters } from "../buildProject.ts";
import { connect, type Connection } from "../connect.ts";
import { checkUpgrade } from "../deploy/checkUpgrade.ts";
import { installArgument } from "../deploy/installArgument.ts";
import { installCanister } from "../deploy/installCanister.ts";
import { projectIds } from "../deploy/projectIds.ts";
import { resolveCanister } from "../resolveCanister.ts";
import type { CanisterInput } from "./chosen.ts";
import { readStatus } from "./status.ts";

export interface InstallInput extends CanisterInput {
  readonly mode: "auto" | "install" | "reinstall" | "upgrade" | undefined;
  /** A module instead of the one that the project builds. */
  readonly wasm: string | undefined;
  readonly args: string | undefined;
  readonly argsFile: string | undefined;
  readonly argsFormat: "candid" | "hex" | "bin" | undefined;
}
interface Module { readonly wasm: Uint8Array; readonly candid?: string }

/** `icx canister install`: one module on one canister that exists. @throws IcxError ICX1001, ICX1002, ICX1010, 4xxx, 5xxx, 6xxx */
export async function installOne(context: CommandContext, input: InstallInput): Promise<Shown> {
  const connection = await connect(context, input), { canister: name } = input, id = resolveCanister(connection, name), status = await readStatus(connection, id), full = status === undefined || status.module_hash.length > 0;
  const mode = input.mode === undefined || input.mode === "auto" ? (full ? "upgrade" : "install") : input.mode;
  if (mode === "install" && full) throw new IcxError(ERRORS.canister.notEmpty, { name });
  if (mode === "upgrade" && !full) throw new IcxError(ERRORS.canister.empty, { name });
  if (mode === "reinstall" && full) await context.ui.confirm(`Reinstalling ${name} erases its state for good. Continue?`);
  const project = connection.project, module = input.wasm === undefined ? await builtModule(context, connection, name) : readModule(context.io.cwd, input.wasm);
  const arg = installArgument({ name, ...initArgsOf(connection, name) }, module, givenArgument(context.io.cwd, input), mode === "upgrade");
  const kept = mode === "upgrade" ? await checkUpgrade(context, connection, { name, id, built: module, project: project ?? { root: context.io.cwd, motoko: { packages: {} } }, yes: context.options.yes }) : undefined;
  await installCanister(context, connection, { name, canister: id, mode, wasm: module.wasm, arg, keepsMemory: kept?.keepsMemory ?? false }, status !== undefined && "running" in status.status);
  const moduleHash = createHash("sha256").update(module.wasm).digest("hex");
  return { text: `${{ install: "Installed", upgrade: "Upgraded", reinstall: "Reinstalled" }[mode]} ${name} (${id}).`, data: { canister: name, id, mode, moduleHash } };
}

async function builtModule(context: CommandContext, connection: Connection, name: string): Promise<Module> {
  const { project } = connection;
  if (project === undefined) throw new IcxError(ERRORS.arguments.usage, { problem: "Outside a project the module is named: `--wasm <file>`.", command: "icx canister install" });
  selectCanisters(project, [name]);
  const [built] = await buildCanisters(context, project, project.canisters.filter((canister) => canister.name === name), { network: connection.target.name, ids: projectIds(connection, project) });
  return built!;
}

function readModule(cwd: string, file: string): Module {
  const wasm = Uint8Array.from(read(cwd, file));
  let candid: Uint8Array | undefined;
  try { candid = moduleMetadata(wasm).get("candid:service"); } catch { candid = undefined; } // the network says what is wrong with it
  return { wasm, ...(candid !== undefined && { candid: Buffer.from(candid).toString("utf8") }) };
}

const initArgsOf = ({ project }: Connection, name: string): { readonly initArgs?: InitArgs } => {
  const initArgs = project?.canisters.find((canister) => canister.name === name)?.initArgs;
  return initArgs === undefined ? {} : { initArgs };
};

function givenArgument(cwd: string, { args, argsFile, argsFormat = "candid" }: InstallInput): InitArgs | undefined {
  const file = argsFile ?? (args?.startsWith("@") === true ? args.slice(1) : undefined);
  if (file === undefined && args === undefined) return undefined;
  if (argsFormat !== "bin") return { format: argsFormat, text: file === undefined ? args! : read(cwd, file).toString("utf8") };
  if (file === undefined) throw new IcxError(ERRORS.arguments.usage, { problem: "`--args-format bin` needs `--args-file`.", command: "icx canister install" });
  return { format: "bin", bytes: Uint8Array.from(read(cwd, file)) };
}

function read(cwd: string, file: string): Buffer {
  try { return readFileSync(resolve(cwd, file)); } catch (cause) { throw new IcxError(ERRORS.project.unreadableFile, { file, reason: (cause as NodeJS.ErrnoException).code ?? String(cause) }, { cause }); }
}
