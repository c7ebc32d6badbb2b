import { callManagement, principalOf } from "../../client/management.ts";
import type { CommandContext, Shown } from "../../context/context.ts";
import { connect } from "../connect.ts";
import { chosen, oneOrAll, type ChoiceInput } from "./chosen.ts";

/** `icx canister uninstall-code`: the canister keeps its id and cycles and loses module and state. Asks. @throws IcxError ICX5009, ICX6001 */
export async function uninstallCode(context: CommandContext, input: ChoiceInput): Promise<Shown> {
  const connection = await connect(context, input), canisters = chosen(context, connection, input, "icx canister uninstall-code"), names = canisters.map(({ name }) => name).join(", ");
  if (canisters.length > 0) await context.ui.confirm(`Uninstalling ${names} erases module and state for good. Continue?`);
  for (const { id } of canisters) await callManagement(connection.client, "uninstall_code", { canister_id: principalOf(id) }, id);
  return { text: canisters.map(({ name }) => `${name} is empty.`).join("\n"), data: oneOrAll(canisters.map(({ name, id }) => ({ canister: name, id, uninstalled: true })), input) };
}
