import type { CommandContext } from "../../context/context.ts";
import type { ProjectCanister } from "../../context/project.ts";
import { ERRORS } from "../../errors/catalogue.ts";
import { IcxError } from "../../errors/icxError.ts";
import type { Connection } from "../connect.ts";
import { createCanister } from "./createCanister.ts";
import type { DeployOptions } from "./deployOptions.ts";

/** Creates canisters at once and gives their ids by name; those that were created are recorded even when another one fails. @throws IcxError ICX6001, ICX6011 */
export async function createMissing(context: Pick<CommandContext, "ui">, connection: Connection, missing: readonly ProjectCanister[], options: DeployOptions): Promise<ReadonlyMap<string, string>> {
  if (missing.length > 0 && options.noCreate === true) throw new IcxError(ERRORS.canister.notCreated, { names: missing.map(({ name }) => name).join(" ") });
  const done = await Promise.allSettled(missing.map(async (canister) => [canister.name, await create(context, connection, canister, options)] as const));
  const failed = done.find(({ status }) => status === "rejected");
  if (failed?.status === "rejected") throw failed.reason;
  return new Map(done.flatMap((result) => (result.status === "fulfilled" ? [result.value] : [])));
}

async function create({ ui }: Pick<CommandContext, "ui">, connection: Connection, { name, settings, specifiedId }: ProjectCanister, { controllers = [], cycles, specifiedId: given, named }: DeployOptions): Promise<string> {
  const began = performance.now(), { environmentVariables: _variables, controllers: _controllers, ...first } = settings; // these follow when all ids are known
  const asked = given !== undefined && (named === undefined || named.includes(name)) ? given : undefined;
  const creation = { name, settings: { ...first, ...(controllers.length === 0 ? {} : { controllers }) }, cycles };
  const id = asked !== undefined ? await createCanister(connection, { ...creation, specifiedId: asked }) : await createWished({ ui }, connection, creation, specifiedId);
  ui.report({ kind: "finished", step: "Created", subject: `${name} as ${id}`, durationMs: performance.now() - began });
  return id;
}

/** The id that a manifest wishes for need not be one that this network can give: then another one does, and it is said. */
async function createWished({ ui }: Pick<CommandContext, "ui">, connection: Connection, creation: Parameters<typeof createCanister>[1] & { readonly name: string }, wished: string | undefined): Promise<string> {
  if (wished === undefined || !connection.target.managed) return await createCanister(connection, creation);
  try {
    return await createCanister(connection, { ...creation, specifiedId: wished });
  } catch (error) {
    if (!(error instanceof IcxError)) throw error;
    const id = await createCanister(connection, creation);
    ui.report({ kind: "warning", text: `${creation.name} asks for the id ${wished}, which this network cannot give (${error.message}); it was created as ${id}.` });
    return id;
  }
}
