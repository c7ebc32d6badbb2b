import { arg } from "../arguments.ts";
import { defineCommand } from "../defineCommand.ts";

export default defineCommand({
  path: "identity new",
  summary: "Create an identity",
  description: "Create an identity: an Ed25519 key in a file that only you can read.",
  examples: ["icx identity new alice"],
  args: { name: arg("name", "name of the identity") },
  options: {},
  async run({ name }, context) {
    const { newIdentity } = await import("../../operations/identities.ts");
    context.ui.show(await newIdentity(context, { name }));
  },
});
