import { flag, optionalArg } from "../arguments.ts";
import { defineCommand } from "../defineCommand.ts";
import { connectOptions, networkOptions } from "../networkOptions.ts";

export default defineCommand({
  path: "canister status", aliases: ["canister info"],
  summary: "Show a canister's state, cycles, settings and controllers",
  description: "Show a canister's state, cycles, settings and controllers: of one, or of all that the project has. Who may not see them is shown what is public.",
  examples: ["icx canister status counter", "icx canister status --json", "icx canister status ryjl3-tyaaa-aaaaa-aaaba-cai --public"],
  args: { canister: optionalArg("canister", "name in the project, or principal (default: all)") },
  options: { idOnly: flag("-i, --id-only", "print ids alone"), public: flag("-p, --public", "what everybody may see"), all: { ...flag("--all", "every canister of the project"), hidden: true }, ...networkOptions },
  async run({ canister, all, idOnly, public: everybody, ...input }, context) {
    const { canisterStatus } = await import("../../operations/canister/status.ts");
    context.ui.show(await canisterStatus(context, { canister, all, idOnly, public: everybody, ...connectOptions(input) }));
  },
});
