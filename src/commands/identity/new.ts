import { arg, choice, hidden } from "../arguments.ts";
import { defineCommand } from "../defineCommand.ts";

export default defineCommand({
  path: "identity new",
  summary: "Create an identity",
  description: "Create an identity: an Ed25519 key in a file that only you can read.",
  examples: ["icx identity new alice"],
  args: { name: arg("name", "name of the identity") },
  options: {
    storage: hidden(choice("--storage <kind>", "icx keeps keys in files that only you can read", ["plaintext"])), storageMode: hidden(choice("--storage-mode <kind>", "the same, as dfx spells it", ["plaintext"])),
  },
  async run({ name }, context) {
    const { newIdentity } = await import("../../operations/identities.ts");
    context.ui.show(await newIdentity(context, { name }));
  },
});
