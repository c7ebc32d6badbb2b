import { optionalArg } from "../arguments.ts";
import { defineCommand } from "../defineCommand.ts";

export default defineCommand({
  path: "subnet watch",
  summary: "Watch the nodes of a subnet agree",
  description: "Watch blocks, ranks, heights and certification of every node until Ctrl-C. On a terminal keys stop, start and cut off nodes; elsewhere each block is a line.",
  examples: ["icx subnet watch", "icx subnet watch bkfrj-6k62g", "icx subnet watch --json"],
  args: { subnet: optionalArg("subnet", "its id, or the beginning of it (default: all)") }, options: {}, endsItself: true,
  async run({ subnet }, context) {
    const { watchSubnets } = await import("../../operations/watchSubnets.ts");
    return await watchSubnets(context, subnet);
  },
});
