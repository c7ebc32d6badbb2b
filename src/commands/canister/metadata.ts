import { arg } from "../arguments.ts";
import { defineCommand } from "../defineCommand.ts";
import { connectOptions, networkOptions } from "../networkOptions.ts";

export default defineCommand({
  path: "canister metadata",
  summary: "Print a metadata section of a canister's module",
  examples: ["icx canister metadata counter candid:service"],
  args: { canister: arg("canister", "name in the project, or principal"), name: arg("name", "name of the section, such as candid:service") },
  options: { ...networkOptions },
  async run({ canister, name, ...input }, context) {
    const { canisterMetadata } = await import("../../operations/canister/metadata.ts");
    context.ui.show(await canisterMetadata(context, { canister, name, ...connectOptions(input) }));
  },
});
