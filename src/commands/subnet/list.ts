import { flag, hidden } from "../arguments.ts";
import { defineCommand } from "../defineCommand.ts";

export default defineCommand({
  path: "subnet list",
  summary: "The subnets of the local network",
  examples: ["icx subnet list", "icx subnet list --json"],
  args: {}, options: { running: hidden(flag("--running", "of a network that runs, or none")) },
  async run({ running }, context) {
    const { listSubnets } = await import("../../operations/subnets.ts");
    context.ui.show(await listSubnets(context, running));
  },
});
