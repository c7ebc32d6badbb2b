import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { withImportedCanisters } from "../build/buildOrder.ts";
import { warmCompiler } from "../build/motokoCompiler.ts";
import type { CommandContext, Shown } from "../context/context.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { chooseEnvironment } from "../project/chooseEnvironment.ts";
import { loadProject } from "../project/loadProject.ts";
import { refuseUnsupported } from "../project/refuseUnsupported.ts";
import { selectCanisters } from "../project/selectCanisters.ts";
import { connect, type ConnectOptions } from "./connect.ts";
import { deployCanisters, type Deployed } from "./deploy/deployCanisters.ts";
import type { DeployOptions, GivenArgument } from "./deploy/deployOptions.ts";
import { nextStep } from "./deploy/nextSteps.ts";
import { remoteId } from "./deploy/projectIds.ts";
import { onSubnet } from "./subnets.ts";
import { resolveCanister } from "./resolveCanister.ts";

export interface DeployInput extends ConnectOptions, Omit<DeployOptions, "argument" | "named" | "yes" | "environment"> {
  readonly names: readonly string[];
  /** The install argument as text; `@file` reads a file. */
  readonly args: string | undefined;
  readonly argsFile: string | undefined;
  readonly argsFormat: "candid" | "hex" | "bin" | undefined;
  /** The subnet of the local network that new canisters shall be on. */
  readonly subnet: string | undefined;
}

/** `icx deploy`. @throws IcxError 1xxx–6xxx */
export async function deployProject(context: CommandContext, input: DeployInput): Promise<Shown> {
  const { names, args, argsFile, argsFormat, subnet, ...options } = input;
  const project = loadProject(context, input), argument = givenArgument(context, { args, argsFile, argsFormat }), selected = withImportedCanisters(project, selectCanisters(project, names));
  const one = names.length === 0 && project.canisters.length === 1 ? [project.canisters[0]!.name] : names;
  if ((argument !== undefined || options.specifiedId !== undefined) && one.length !== 1) {
    throw new IcxError(ERRORS.arguments.usage, { problem: `${argument === undefined ? "`--specified-id`" : "An install argument"} is for one canister: name it.`, command: "icx deploy" });
  }
  const { network } = chooseEnvironment(project, input, context.io.env);
  refuseUnsupported(project, selected.filter((canister) => remoteId(canister, network) === undefined));
  warmCompiler({ ...project, canisters: selected }, context.io.env);
  const connection = await onSubnet(await connect(context, { ...input, localOnly: subnet === undefined ? undefined : "--subnet" }), subnet, "icx deploy --subnet");
  const controllers = options.controllers?.map((text) => resolveCanister(connection, text)) ?? [], specifiedId = options.specifiedId === undefined ? undefined : resolveCanister(connection, options.specifiedId);
  const { deployed, built } = await deployCanisters(context, connection, project, selected, { ...options, controllers, specifiedId, argument, named: one, environment: connection.environment, yes: context.options.yes });
  const where = input.environment !== undefined ? ` -e ${input.environment}` : input.network !== undefined && connection.target.name !== "local" ? ` -n ${input.network}` : "", next = built.slice(-1).map((last) => `${nextStep(last)}${where}`);
  return {
    text: [...table(deployed), ...(next.length === 0 ? [] : ["", "Next:", ...next.map((line) => `  ${line}`)])].join("\n"),
    data: { network: connection.target.name, url: connection.target.url, canisters: deployed.map((canister) => ({ ...canister, canister_id: canister.id, url: null })), next },
  };
}

function givenArgument({ io }: Pick<CommandContext, "io">, { args, argsFile, argsFormat = "candid" }: Pick<DeployInput, "args" | "argsFile" | "argsFormat">): GivenArgument | undefined {
  const file = argsFile ?? (args?.startsWith("@") === true ? args.slice(1) : undefined);
  if (file === undefined && args === undefined) return undefined;
  if (argsFormat === "bin") {
    if (file === undefined) throw new IcxError(ERRORS.arguments.usage, { problem: "`--args-format bin` needs `--args-file`.", command: "icx deploy" });
    return { format: "bin", bytes: Uint8Array.from(read(io.cwd, file)) };
  }
  return { format: argsFormat, text: file === undefined ? args! : read(io.cwd, file).toString("utf8") };
}

function read(cwd: string, file: string): Buffer {
  const path = resolve(cwd, file);
  try { return readFileSync(path); } catch (cause) { throw new IcxError(ERRORS.project.unreadableFile, { file: path, reason: (cause as NodeJS.ErrnoException).code ?? String(cause) }, { cause }); }
}

/** Name, id, what was done and how long that took. */
function table(deployed: readonly Deployed[]): readonly string[] {
  const rows = deployed.map(({ name, id, action, configured, durationMs }) => [name, id, configured ? `${action}, settings updated` : action, action === "unchanged" ? "" : seconds(durationMs)]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd());
}
const seconds = (milliseconds: number): string => (milliseconds < 1_000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1_000).toFixed(1)} s`);
