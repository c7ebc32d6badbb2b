import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { BuiltCanister } from "../build/builder.ts";
import { customSections } from "../build/customSection.ts";
import { encodeArguments } from "../client/candidArguments.ts";
import { parseDid } from "../client/didParser.ts";
import { installModule, type Installation } from "../client/installModule.ts";
import { callManagement, MANAGEMENT_CANISTER } from "../client/management.ts";
import type { CommandContext, Shown } from "../context/context.ts";
import type { Project, ProjectCanister } from "../context/project.ts";
import { loadProject } from "../project/loadProject.ts";
import { selectCanisters } from "../project/selectCanisters.ts";
import { buildCanisters } from "./buildProject.ts";
import { connect, type ConnectOptions, type Connection } from "./connect.ts";

/** Written by Motoko's compiler into modules that keep their main memory over upgrades. */
const KEEPS_MEMORY_SECTION = "icp:private enhanced-orthogonal-persistence";

export interface DeployInput extends ConnectOptions {
  readonly names: readonly string[];
  readonly mode: "auto" | "install" | "reinstall" | "upgrade" | undefined;
  /** Candid text for the install argument, instead of the manifest's. */
  readonly args: string | undefined;
}
/** What became of one canister. */
export interface Deployed { readonly name: string; readonly id: string; readonly action: "installed" | "reinstalled" | "upgraded" | "unchanged"; readonly created: boolean; readonly moduleHash: string }

/** `icx deploy`. */
export async function deployProject(context: CommandContext, input: DeployInput): Promise<Shown> {
  const project = loadProject(context), canisters = selectCanisters(project, input.names);
  const connection = await connect(context, input), deployed = await deployCanisters(context, connection, project, canisters, input);
  const [first] = deployed;
  return {
    text: deployed.map(({ name, id, action }) => `${name}: ${id} (${action})`).join("\n"),
    data: { network: connection.target.name, url: connection.target.url, canisters: deployed, next: first === undefined ? [] : [`icx canister status ${first.name}`] },
  };
}

/** Builds, creates what is missing, installs what changed; in the order of dependencies. @throws IcxError 4xxx, 6xxx */
export async function deployCanisters(context: Pick<CommandContext, "io" | "ui">, connection: Connection, project: Project, canisters: readonly ProjectCanister[], input: Pick<DeployInput, "mode" | "args">): Promise<readonly Deployed[]> {
  const built = await buildCanisters(context, project, canisters), deployed: Deployed[] = [];
  for (const [index, canister] of canisters.entries()) deployed.push(await deployOne(context, connection, canister, built[index]!, input));
  return deployed;
}

async function deployOne({ ui, io }: Pick<CommandContext, "ui" | "io">, connection: Connection, canister: ProjectCanister, built: BuiltCanister, input: Pick<DeployInput, "mode" | "args">): Promise<Deployed> {
  const { client } = connection, { name } = canister;
  const known = await findExisting(connection, name), id = known?.id ?? await create({ ui }, connection, canister);
  const mode = chooseMode(input.mode, known?.moduleHash);
  const result = { name, id, created: known === undefined, moduleHash: built.moduleHash };
  if (input.mode === undefined && input.args === undefined && known?.moduleHash === built.moduleHash) return { ...result, action: "unchanged" };
  if (mode === "reinstall") await ui.confirm(`Reinstalling ${name} erases its state for good. Continue?`);
  const began = performance.now();
  const installation: Installation = {
    name, canister: id, mode, wasm: built.wasm, arg: installArgument(canister, built, input.args, io.cwd),
    keepsMemory: customSections(built.wasm).some((section) => section.name === KEEPS_MEMORY_SECTION),
  };
  await installModule(client, installation);
  const action = mode === "install" ? "installed" : mode === "upgrade" ? "upgraded" : "reinstalled";
  ui.report({ kind: "finished", step: action.charAt(0).toUpperCase() + action.slice(1), subject: name, durationMs: performance.now() - began });
  return { ...result, action };
}

/** The canister that the project calls by this name, if the network still has it. */
async function findExisting({ client, ids }: Connection, name: string): Promise<{ readonly id: string; readonly moduleHash: string | undefined } | undefined> {
  const id = ids.get(name);
  if (id === undefined) return undefined;
  const [moduleHash, controllers] = await client.readCanister(id, [["module_hash"], ["controllers"]]);
  return controllers === undefined ? undefined : { id, moduleHash: moduleHash === undefined ? undefined : Buffer.from(moduleHash).toString("hex") };
}

const chooseMode = (asked: DeployInput["mode"], moduleHash: string | undefined): Installation["mode"] => (asked === undefined || asked === "auto" ? (moduleHash === undefined ? "install" : "upgrade") : asked);

async function create({ ui }: Pick<CommandContext, "ui">, { client, ids, target }: Connection, { name, settings }: ProjectCanister): Promise<string> {
  const began = performance.now(), optional = (value: bigint | undefined): readonly bigint[] => (value === undefined ? [] : [value]);
  const answer = await callManagement(client, "provisional_create_canister_with_cycles", {
    amount: [], specified_id: [],
    settings: [{
      controllers: [], compute_allocation: optional(settings.computeAllocation), memory_allocation: optional(settings.memoryAllocation), freezing_threshold: optional(settings.freezingThreshold),
      reserved_cycles_limit: optional(settings.reservedCyclesLimit), wasm_memory_limit: optional(settings.wasmMemoryLimit),
    }],
  }, target.effectiveCanisterId ?? MANAGEMENT_CANISTER) as { readonly canister_id: { toText(): string } };
  const id = answer.canister_id.toText();
  ids.set(name, id);
  ui.report({ kind: "finished", step: "Created", subject: `${name} as ${id}`, durationMs: performance.now() - began });
  return id;
}

/** The install argument in bytes: types come from the interface's constructor; without one the empty argument is sent. */
function installArgument(canister: ProjectCanister, built: BuiltCanister, given: string | undefined, cwd: string): Uint8Array {
  const text = given?.startsWith("@") === true ? readFileSync(resolve(cwd, given.slice(1)), "utf8") : given ?? (canister.initArgs?.format === "candid" ? canister.initArgs.text : "");
  const did = built.candid === undefined ? undefined : parseDid(built.candid);
  return encodeArguments(text, `${canister.name} (install)`, did === undefined ? undefined : { args: did.init }, did?.types);
}
