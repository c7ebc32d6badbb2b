import { arg } from "../arguments.ts";
import { defineCommand } from "../defineCommand.ts";
import { connectOptions, networkOptions } from "../networkOptions.ts";

export default defineCommand({
  path: "canister status",
  summary: "Show a canister's state, cycles and controllers",
  examples: ["icx canister status counter"],
  args: { canister: arg("canister", "name in the project, or principal") },
  options: { ...networkOptions },
  async run({ canister, ...input }, context) {
    const { canisterStatus } = await import("../../operations/canisterInfo.ts");
    context.ui.show(await canisterStatus(context, { canister, ...connectOptions(input) }));
  },
});
