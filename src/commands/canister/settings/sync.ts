import { arg } from "../../arguments.ts";
import { defineCommand } from "../../defineCommand.ts";
import { connectOptions, networkOptions } from "../../networkOptions.ts";

export default defineCommand({
  path: "canister settings sync",
  summary: "Give a canister the settings of the manifest",
  description: "Give a canister the settings of the manifest. `icx deploy` does so too, and installs what has changed.",
  examples: ["icx canister settings sync counter"],
  args: { canister: arg("canister", "name in the project") },
  options: { ...networkOptions },
  async run({ canister, ...input }, context) {
    const { syncSettings } = await import("../../../operations/canister/syncSettings.ts");
    context.ui.show(await syncSettings(context, { canister, ...connectOptions(input) }));
  },
});
