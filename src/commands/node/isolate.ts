import { arg } from "../arguments.ts";
import { defineCommand } from "../defineCommand.ts";

export default defineCommand({
  path: "node isolate",
  summary: "Cut the links of a virtual node to the others",
  description: "Cut the links of a virtual node to the others of its subnet. It goes on by itself until `icx network heal` joins the links again.",
  examples: ["icx node isolate zj4d3-4x7s2"],
  args: { node: arg("node", "id of the node, or the beginning of it") }, options: {},
  async run({ node }, context) {
    const { switchNode } = await import("../../operations/nodes.ts");
    context.ui.show(await switchNode(context, { node, to: "isolate" }));
  },
});
