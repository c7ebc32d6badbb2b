import { flag, optionalArg, text } from "../arguments.ts";
import { defineCommand } from "../defineCommand.ts";

export default defineCommand({
  path: "network ping", aliases: ["ping"],
  summary: "Ask a network how it is",
  examples: ["icx network ping", "icx network ping --wait-healthy", "icx network ping http://127.0.0.1:8000"],
  args: { name: optionalArg("name", "network of the project, or a URL (default: local)") },
  options: { environment: text("-e, --environment <name>", "the network of this environment"), waitHealthy: flag("--wait-healthy", "wait up to a minute until it is healthy") },
  async run({ name, environment, waitHealthy }, context) {
    const { pingNetwork } = await import("../../operations/pingNetwork.ts");
    context.ui.show(await pingNetwork(context, { name, environment, waitHealthy }));
  },
});
