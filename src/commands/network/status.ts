import { optionalArg, text } from "../arguments.ts";
import { defineCommand } from "../defineCommand.ts";

export default defineCommand({
  path: "network status", aliases: ["status"],
  summary: "Show where a network answers",
  examples: ["icx network status", "icx network status --json"],
  args: { name: optionalArg("name", "network of the project (default: local)") },
  options: { environment: text("-e, --environment <name>", "the network of this environment") },
  async run({ name, environment }, context) {
    const { networkStatus } = await import("../../operations/networkStatus.ts");
    context.ui.show(await networkStatus(context, { name, environment }));
  },
});
