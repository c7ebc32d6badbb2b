import { arg } from "../arguments.ts";
import { defineCommand } from "../defineCommand.ts";

export default defineCommand({
  path: "node corrupt",
  summary: "Flip a bit in a virtual node's state",
  description: "Flip a bit of a canister's memory in the state of one virtual node, as a cosmic ray does: the node diverges from the others, finds out at its next catch-up package and takes their state.",
  examples: ["icx node corrupt zj4d3-4x7s2"],
  args: { node: arg("node", "id of the node, or the beginning of it") }, options: {},
  async run({ node }, context) {
    const { corruptNode } = await import("../../operations/nodes.ts");
    context.ui.show(await corruptNode(context, node));
  },
});
