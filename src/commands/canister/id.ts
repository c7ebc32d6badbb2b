import { arg } from "../arguments.ts";
import { defineCommand } from "../defineCommand.ts";
import { connectOptions, networkOptions } from "../networkOptions.ts";

export default defineCommand({
  path: "canister id",
  summary: "Print a canister's principal",
  examples: ["icx canister id counter"],
  args: { canister: arg("canister", "name in the project, or principal") },
  options: { ...networkOptions },
  async run({ canister, ...input }, context) {
    const { canisterId } = await import("../../operations/listCanisters.ts");
    context.ui.show(await canisterId(context, { canister, ...connectOptions(input) }));
  },
});
