import { callManagement, principalOf } from "../../client/management.ts";
import type { CommandContext, Shown } from "../../context/context.ts";
import { connect } from "../connect.ts";
import { resolveCanister } from "../resolveCanister.ts";
import type { CanisterInput } from "./chosen.ts";

/** `icx canister top-up`: a local network makes the cycles out of nothing. @throws IcxError ICX6001 */
export async function topUp(context: CommandContext, input: CanisterInput & { readonly amount: bigint }): Promise<Shown> {
  const connection = await connect(context, input), id = resolveCanister(connection, input.canister);
  await callManagement(connection.client, "provisional_top_up_canister", { canister_id: principalOf(id), amount: input.amount }, id);
  return { text: `Topped up ${input.canister} with ${input.amount} cycles.`, data: { canister: input.canister, id, amount: input.amount } };
}
