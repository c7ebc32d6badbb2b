import { defineCommand } from "../defineCommand.ts";

export default defineCommand({
  path: "subnet list",
  summary: "The subnets of the local network",
  examples: ["icx subnet list", "icx subnet list --json"],
  args: {}, options: {},
  async run(_input, context) {
    const { listSubnets } = await import("../../operations/subnets.ts");
    context.ui.show(await listSubnets(context));
  },
});
