import { flag, optionalArg } from "../arguments.ts";
import { defineCommand } from "../defineCommand.ts";
import { connectOptions, networkOptions } from "../networkOptions.ts";

export default defineCommand({
  path: "canister uninstall-code",
  summary: "Empty a canister: module and state are erased, id and cycles stay",
  description: "Empty a canister: module and state are erased, id and cycles stay. Asks first; -y answers.",
  examples: ["icx canister uninstall-code counter", "icx canister uninstall-code counter -y"],
  args: { canister: optionalArg("canister", "name in the project, or principal") },
  options: { all: flag("--all", "every canister of the project"), ...networkOptions },
  async run({ canister, all, ...input }, context) {
    const { uninstallCode } = await import("../../operations/canister/uninstallCode.ts");
    context.ui.show(await uninstallCode(context, { canister, all, ...connectOptions(input) }));
  },
});
