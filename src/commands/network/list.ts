import { defineCommand } from "../defineCommand.ts";

export default defineCommand({
  path: "network list",
  summary: "List the networks that can be asked for here",
  examples: ["icx network list"],
  args: {}, options: {},
  async run(_, context) {
    const { listNetworks } = await import("../../operations/listNetworks.ts");
    context.ui.show(await listNetworks(context));
  },
});
