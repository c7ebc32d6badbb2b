import { flag, hidden, optionalArg } from "../arguments.ts";
import { defineCommand } from "../defineCommand.ts";
import { connectOptions, networkOptions } from "../networkOptions.ts";

export default defineCommand({
  path: "canister delete",
  summary: "Delete a canister with its state, id and cycles",
  description: "Delete a canister with its state, id and cycles; it is stopped first. Asks first; -y answers.",
  examples: ["icx canister delete counter", "icx canister delete counter -y"],
  args: { canister: optionalArg("canister", "name in the project, or principal") },
  options: { all: flag("--all", "every canister of the project"), recover: hidden(flag("--no-recover-cycles", "as icx does it: the cycles are lost")), ...networkOptions },
  async run({ canister, all, ...input }, context) {
    const { deleteCanister } = await import("../../operations/canister/deleteCanister.ts");
    context.ui.show(await deleteCanister(context, { canister, all, ...connectOptions(input) }));
  },
});
