import { optionalArg } from "../arguments.ts";
import { defineCommand } from "../defineCommand.ts";

export default defineCommand({
  path: "subnet info",
  summary: "Show one subnet: nodes, heights, canister ids, key",
  examples: ["icx subnet info", "icx subnet info bkfrj-6k62g --json"],
  args: { subnet: optionalArg("subnet", "its id, or the beginning of it (default: where new canisters go)") }, options: {},
  async run({ subnet }, context) {
    const { subnetInfo } = await import("../../operations/subnets.ts");
    context.ui.show(await subnetInfo(context, subnet));
  },
});
