import { defineCommand } from "../defineCommand.ts";

export default defineCommand({
  path: "node list",
  summary: "The virtual nodes of the local network",
  examples: ["icx node list", "icx node list --json"],
  args: {}, options: {},
  async run(_input, context) {
    const { listNodes } = await import("../../operations/nodes.ts");
    context.ui.show(await listNodes(context));
  },
});
