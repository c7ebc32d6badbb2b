import { callManagement, principalOf } from "../../client/management.ts";
import type { CommandContext, Shown } from "../../context/context.ts";
import { connect } from "../connect.ts";
import { chosen, oneOrAll, type ChoiceInput } from "./chosen.ts";

/** `icx canister delete`: stopped first, as the network asks for it; its cycles are lost with it. Asks. @throws IcxError ICX5009, ICX6001 */
export async function deleteCanister(context: CommandContext, input: ChoiceInput): Promise<Shown> {
  const connection = await connect(context, input), canisters = chosen(context, connection, input, "icx canister delete"), names = canisters.map(({ name }) => name).join(", ");
  if (canisters.length > 0) await context.ui.confirm(`Deleting ${names} erases module, state, id and cycles for good. Continue?`);
  for (const { name, id } of canisters) {
    await callManagement(connection.client, "stop_canister", { canister_id: principalOf(id) }, id);
    await callManagement(connection.client, "delete_canister", { canister_id: principalOf(id) }, id);
    connection.ids.forget(name);
  }
  return { text: canisters.map(({ name, id }) => `Deleted ${name} (${id}).`).join("\n"), data: oneOrAll(canisters.map(({ name, id }) => ({ canister: name, id, deleted: true })), input) };
}
