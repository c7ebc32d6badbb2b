import { arg } from "../arguments.ts";
import { defineCommand } from "../defineCommand.ts";

export default defineCommand({
  path: "subnet recover",
  summary: "Let a subnet go on that lost too many nodes",
  description: "Let a subnet go on that lost more nodes than it can spare. Nodes that do not run are given up and replaced; the furthest state that a running one holds counts.",
  examples: ["icx subnet recover bkfrj-6k62g", "icx subnet recover bkfrj-6k62g -y"],
  args: { subnet: arg("subnet", "its id, or the beginning of it") }, options: {},
  async run({ subnet }, context) {
    const { recoverSubnet } = await import("../../operations/recoverSubnet.ts");
    context.ui.show(await recoverSubnet(context, subnet));
  },
});
