import { arg } from "../../arguments.ts";
import { defineCommand } from "../../defineCommand.ts";
import { connectOptions, networkOptions } from "../../networkOptions.ts";

export default defineCommand({
  path: "canister settings show",
  summary: "Show a canister's settings",
  examples: ["icx canister settings show counter", "icx canister settings show counter --json"],
  args: { canister: arg("canister", "name in the project, or principal") },
  options: { ...networkOptions },
  async run({ canister, ...input }, context) {
    const { showSettings } = await import("../../../operations/canister/showSettings.ts");
    context.ui.show(await showSettings(context, { canister, ...connectOptions(input) }));
  },
});
