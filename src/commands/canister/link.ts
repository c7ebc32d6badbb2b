import { arg, flag } from "../arguments.ts";
import { defineCommand } from "../defineCommand.ts";
import { connectOptions, networkOptions } from "../networkOptions.ts";

export default defineCommand({
  path: "canister link", aliases: ["canister set-id"],
  summary: "Record the id of a canister that exists already",
  examples: ["icx canister link counter ryjl3-tyaaa-aaaaa-aaaba-cai"],
  args: { name: arg("name", "name in the project"), principal: arg("principal", "id of the canister") },
  options: { force: flag("-f, --force", "forget the id that is recorded now"), ...networkOptions },
  async run({ name, principal, force, ...input }, context) {
    const { linkCanister } = await import("../../operations/canister/link.ts");
    context.ui.show(await linkCanister(context, { name, principal, force, ...connectOptions(input) }));
  },
});
