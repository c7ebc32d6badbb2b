import { callManagement, principalOf } from "../../client/management.ts";
import type { CommandContext, Shown } from "../../context/context.ts";
import { connect } from "../connect.ts";
import { chosen, oneOrAll, type ChoiceInput } from "./chosen.ts";

/** `icx canister start` and `stop`. @throws IcxError ICX6001 */
export async function switchCanister(context: CommandContext, input: ChoiceInput & { readonly to: "start" | "stop" }): Promise<Shown> {
  const connection = await connect(context, input), canisters = chosen(context, connection, input, `icx canister ${input.to}`), status = input.to === "start" ? "Running" : "Stopped";
  for (const { id } of canisters) await callManagement(connection.client, `${input.to}_canister`, { canister_id: principalOf(id) }, id);
  return {
    text: canisters.map(({ name }) => `${name} is ${status.toLowerCase()}.`).join("\n"),
    data: oneOrAll(canisters.map(({ name, id }) => ({ canister: name, id, status })), input),
  };
}
