import type { CommandContext, Shown } from "../../context/context.ts";
import { ERRORS } from "../../errors/catalogue.ts";
import { IcxError } from "../../errors/icxError.ts";
import { loadProject } from "../../project/loadProject.ts";
import { selectCanisters } from "../../project/selectCanisters.ts";
import { createCanister } from "../deploy/createCanister.ts";
import { onSubnet } from "../subnets.ts";
import { connect, type ConnectOptions } from "../connect.ts";

export interface CreateInput extends ConnectOptions {
  readonly canister: string | undefined;
  readonly all: boolean;
  /** A canister of no project. */
  readonly detached: boolean;
  readonly controllers: readonly string[];
  readonly cycles: bigint | undefined;
  readonly specifiedId: string | undefined;
  /** The subnet of the local network that it shall be on. */
  readonly subnet: string | undefined;
  readonly computeAllocation: bigint | undefined; readonly memoryAllocation: bigint | undefined; readonly freezingThreshold: bigint | undefined; readonly reservedCyclesLimit: bigint | undefined;
}
interface Created { readonly canister_id: string; readonly canister_name: string | null; readonly created: boolean }

/** `icx canister create`: one of the project's canisters, all, or one of no project. What exists is left alone. @throws IcxError ICX1001, ICX1002, ICX5001, ICX6001 */
export async function createCanisters(context: CommandContext, input: CreateInput): Promise<Shown> {
  const names = namesOf(context, input), connection = await onSubnet(await connect(context, { ...input, localOnly: input.subnet === undefined ? undefined : "--subnet" }), input.subnet, "icx canister create --subnet"), created: Created[] = [];
  for (const name of names) {
    const known = name === null ? undefined : connection.ids.get(name), { controllers: _later, ...manifest } = connection.project?.canisters.find((canister) => canister.name === name)?.settings ?? {};
    const id = known ?? await createCanister(connection, { name: name ?? undefined, cycles: input.cycles, specifiedId: input.specifiedId, settings: { ...manifest, ...settingsOf(input) } });
    created.push({ canister_id: id, canister_name: name, created: known === undefined });
  }
  const line = ({ canister_id: id, canister_name: name, created: made }: Created): string => (context.options.quiet ? id : name === null ? `Created ${id}.` : made ? `Created ${name} as ${id}.` : `${name} exists already: ${id}.`);
  return { text: created.map(line).join("\n"), data: input.all ? { canisters: created } : created[0] };
}

function namesOf(context: CommandContext, input: CreateInput): readonly (string | null)[] {
  const { canister, all, detached } = input;
  if ([canister !== undefined, all, detached].filter(Boolean).length !== 1) throw new IcxError(ERRORS.arguments.usage, { problem: "Name a canister of the project, or pass `--all`, or `--detached` for one of no project.", command: "icx canister create" });
  if (detached) return [null];
  const project = loadProject(context, input);
  selectCanisters(project, canister === undefined ? [] : [canister]);
  return canister === undefined ? project.canisters.map(({ name }) => name) : [canister];
}

const settingsOf = ({ controllers, computeAllocation, memoryAllocation, freezingThreshold, reservedCyclesLimit }: CreateInput): object => Object.fromEntries(
  Object.entries({ computeAllocation, memoryAllocation, freezingThreshold, reservedCyclesLimit, controllers: controllers.length === 0 ? undefined : controllers }).filter(([, value]) => value !== undefined));
