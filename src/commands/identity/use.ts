import { arg } from "../arguments.ts";
import { defineCommand } from "../defineCommand.ts";

export default defineCommand({
  path: "identity use",
  summary: "Choose the identity that signs from now on",
  examples: ["icx identity use alice"],
  args: { name: arg("name", "name of the identity") },
  options: {},
  async run({ name }, context) {
    const { useIdentity } = await import("../../operations/identities.ts");
    context.ui.show(await useIdentity(context, { name }));
  },
});
