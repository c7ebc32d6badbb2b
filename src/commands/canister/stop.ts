import { arg } from "../arguments.ts";
import { defineCommand } from "../defineCommand.ts";
import { connectOptions, networkOptions } from "../networkOptions.ts";

export default defineCommand({
  path: "canister stop",
  summary: "Stop a canister: it answers no more calls",
  examples: ["icx canister stop counter"],
  args: { canister: arg("canister", "name in the project, or principal") },
  options: { ...networkOptions },
  async run({ canister, ...input }, context) {
    const { switchCanister } = await import("../../operations/canisterInfo.ts");
    context.ui.show(await switchCanister(context, { canister, to: "stop", ...connectOptions(input) }));
  },
});
