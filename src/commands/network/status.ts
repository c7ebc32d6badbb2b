import { defineCommand } from "../defineCommand.ts";

export default defineCommand({
  path: "network status", aliases: ["status"],
  summary: "Show where the local network answers",
  examples: ["icx network status", "icx network status --json"],
  args: {}, options: {},
  async run(_, context) {
    const { networkStatus } = await import("../../operations/networkStatus.ts");
    context.ui.show(await networkStatus(context));
  },
});
