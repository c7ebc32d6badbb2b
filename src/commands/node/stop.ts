import { arg } from "../arguments.ts";
import { defineCommand } from "../defineCommand.ts";

export default defineCommand({
  path: "node stop",
  summary: "Stop a virtual node, as if its machine had lost its power",
  examples: ["icx node stop zj4d3-4x7s2"],
  args: { node: arg("node", "id of the node, or the beginning of it") }, options: {},
  async run({ node }, context) {
    const { switchNode } = await import("../../operations/nodes.ts");
    context.ui.show(await switchNode(context, { node, to: "stop" }));
  },
});
