import { flag, optionalArg } from "../arguments.ts";
import { defineCommand } from "../defineCommand.ts";
import { connectOptions, networkOptions } from "../networkOptions.ts";

export default defineCommand({
  path: "canister start",
  summary: "Let a stopped canister run",
  examples: ["icx canister start counter", "icx canister start --all"],
  args: { canister: optionalArg("canister", "name in the project, or principal") },
  options: { all: flag("--all", "every canister of the project"), ...networkOptions },
  async run({ canister, all, ...input }, context) {
    const { switchCanister } = await import("../../operations/canister/switchCanister.ts");
    context.ui.show(await switchCanister(context, { canister, all, to: "start", ...connectOptions(input) }));
  },
});
