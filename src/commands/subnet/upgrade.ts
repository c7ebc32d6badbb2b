import { arg, text } from "../arguments.ts";
import { defineCommand } from "../defineCommand.ts";

export default defineCommand({
  path: "subnet upgrade",
  summary: "Let a subnet go on with another replica version",
  description: "Let a subnet go on with another replica version: the registry names it, the subnet stops at its next summary, and its nodes begin again from there. Updates wait for a moment, queries are answered throughout.",
  examples: ["icx subnet upgrade bkfrj-6k62g", "icx subnet upgrade bkfrj-6k62g --replica-version 0.0.9"],
  args: { subnet: arg("subnet", "its id, or the beginning of it") }, options: { version: text("--replica-version <version>", "the replica version (default: the newest)") },
  async run({ subnet, version }, context) {
    const { upgradeSubnet } = await import("../../operations/upgradeSubnet.ts");
    context.ui.show(await upgradeSubnet(context, subnet, version));
  },
});
