import { canisterStatus } from "../../client/canisterStatus.ts";
import type { CommandContext, Shown } from "../../context/context.ts";
import { loadProject } from "../../project/loadProject.ts";
import { selectCanisters } from "../../project/selectCanisters.ts";
import { connect } from "../connect.ts";
import { applySettings } from "../deploy/applySettings.ts";
import { canisterVariables, projectIds } from "../deploy/projectIds.ts";
import { resolveCanister } from "../resolveCanister.ts";
import type { CanisterInput } from "./chosen.ts";

/** `icx canister settings sync`: what the manifest says and the canister has otherwise is changed. @throws IcxError ICX1001, ICX1002, ICX6001 */
export async function syncSettings(context: CommandContext, input: CanisterInput): Promise<Shown> {
  selectCanisters(loadProject(context, input), [input.canister]);
  const connection = await connect(context, input), project = connection.project!, canister = project.canisters.find(({ name }) => name === input.canister)!, id = resolveCanister(connection, input.canister);
  const wanted = { ...canister.settings, environmentVariables: canisterVariables(canister, projectIds(connection, project)).variables };
  const changed = Object.keys(await applySettings(connection, id, wanted, (await canisterStatus(connection.client, id)).settings) ?? {});
  return { text: changed.length === 0 ? `${input.canister} has the settings of the manifest.` : `Changed ${changed.join(", ")} of ${input.canister}.`, data: { canister: input.canister, id, changed } };
}
