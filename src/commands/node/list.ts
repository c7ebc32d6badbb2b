import { flag, hidden } from "../arguments.ts";
import { defineCommand } from "../defineCommand.ts";

export default defineCommand({
  path: "node list",
  summary: "The virtual nodes of the local network",
  examples: ["icx node list", "icx node list --json"],
  args: {}, options: { running: hidden(flag("--running", "of a network that runs, or none")) },
  async run({ running }, context) {
    const { listNodes } = await import("../../operations/nodes.ts");
    context.ui.show(await listNodes(context, running));
  },
});
