import { text } from "../arguments.ts";
import { defineCommand } from "../defineCommand.ts";

export default defineCommand({
  path: "identity principal", aliases: ["identity get-principal"],
  summary: "Print the principal of the identity in use",
  examples: ["icx identity principal"],
  args: {},
  options: { identity: text("--identity <name>", "another identity than the default") },
  async run({ identity }, context) {
    const { showIdentity } = await import("../../operations/identities.ts");
    context.ui.show(await showIdentity(context, { identity, what: "principal" }));
  },
});
