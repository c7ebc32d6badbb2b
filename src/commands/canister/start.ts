import { arg } from "../arguments.ts";
import { defineCommand } from "../defineCommand.ts";
import { connectOptions, networkOptions } from "../networkOptions.ts";

export default defineCommand({
  path: "canister start",
  summary: "Let a stopped canister run",
  examples: ["icx canister start counter"],
  args: { canister: arg("canister", "name in the project, or principal") },
  options: { ...networkOptions },
  async run({ canister, ...input }, context) {
    const { switchCanister } = await import("../../operations/canisterInfo.ts");
    context.ui.show(await switchCanister(context, { canister, to: "start", ...connectOptions(input) }));
  },
});
