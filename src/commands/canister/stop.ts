import { flag, optionalArg } from "../arguments.ts";
import { defineCommand } from "../defineCommand.ts";
import { connectOptions, networkOptions } from "../networkOptions.ts";

export default defineCommand({
  path: "canister stop",
  summary: "Stop a canister: it answers no more calls",
  examples: ["icx canister stop counter", "icx canister stop --all"],
  args: { canister: optionalArg("canister", "name in the project, or principal") },
  options: { all: flag("--all", "every canister of the project"), ...networkOptions },
  async run({ canister, all, ...input }, context) {
    const { switchCanister } = await import("../../operations/canister/switchCanister.ts");
    context.ui.show(await switchCanister(context, { canister, all, to: "stop", ...connectOptions(input) }));
  },
});
