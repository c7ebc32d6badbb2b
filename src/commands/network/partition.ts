import { manyArgs } from "../arguments.ts";
import { defineCommand } from "../defineCommand.ts";

export default defineCommand({
  path: "network partition",
  summary: "Cut the links between some nodes and the others",
  description: "Cut the links between these nodes and the others of their subnets, in the place of an earlier partition. It lasts until `icx network heal` or a restart.",
  examples: ["icx network partition zj4d3-4x7s2 2kx6u-fqgk4", "icx network partition zj4d3,2kx6u"],
  args: { nodes: manyArgs("nodes", "ids of the nodes of one side, or their beginnings") }, options: {},
  async run({ nodes }, context) {
    const { partitionNetwork } = await import("../../operations/links.ts");
    context.ui.show(await partitionNetwork(context, nodes));
  },
});
