import type { CommandContext, Shown } from "../context/context.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { loadProject } from "../project/loadProject.ts";
import { selectCanisters } from "../project/selectCanisters.ts";
import { connect, type ConnectOptions } from "./connect.ts";
import { projectIds } from "./deploy/projectIds.ts";
import { syncCanisters } from "./deploy/syncCanisters.ts";

export interface SyncInput extends ConnectOptions { readonly names: readonly string[]; readonly environment: string | undefined }

/** `icx sync`: the steps after an installation, without one. Only the named canisters are synced, not what they depend on. @throws IcxError ICX1007, ICX4004, ICX6012 */
export async function syncProject(context: CommandContext, input: SyncInput): Promise<Shown> {
  const project = loadProject(context, input), selected = selectCanisters(project, input.names).filter(({ name }) => input.names.length === 0 || input.names.includes(name));
  const connection = await connect(context, input), ids = projectIds(connection, project), { target } = connection;
  const wanting = selected.filter(({ sync }) => sync.length > 0), missing = wanting.find(({ name }) => ids[name] === undefined);
  if (missing !== undefined) throw new IcxError(ERRORS.project.noCanisterId, { name: missing.name });
  const synced = await syncCanisters(context, connection, wanting, { environment: connection.environment, ids, start: false });
  return {
    text: synced.length === 0 ? "No canister has sync steps." : synced.map((name) => `${name}: synced`).join("\n"),
    data: { network: target.name, canisters: synced.map((name) => ({ name, canister_id: ids[name] })) },
  };
}
