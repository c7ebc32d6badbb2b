import { optionalArg } from "../arguments.ts";
import { defineCommand } from "../defineCommand.ts";

export default defineCommand({
  path: "identity default",
  summary: "Show or choose the identity that signs",
  examples: ["icx identity default", "icx identity default alice"],
  args: { name: optionalArg("name", "the one to choose") },
  options: {},
  async run({ name }, context) {
    const { useIdentity } = await import("../../operations/identities.ts");
    context.ui.show(await useIdentity(context, { name }));
  },
});
