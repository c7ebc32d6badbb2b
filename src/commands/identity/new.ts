import { arg, choice, hidden, text } from "../arguments.ts";
import { defineCommand } from "../defineCommand.ts";

export default defineCommand({
  path: "identity new",
  summary: "Create an identity",
  description: "Create an identity: a secp256k1 key in a file that only you can read. It is made from a seed phrase, which is shown once and can be imported again, here and in icp-cli.",
  examples: ["icx identity new alice"],
  args: { name: arg("name", "name of the identity") },
  options: {
    outputSeed: text("--output-seed <file>", "write the seed phrase to a new file instead"),
    storage: hidden(choice("--storage <kind>", "icx keeps keys in files that only you can read", ["plaintext"])), storageMode: hidden(choice("--storage-mode <kind>", "the same, as dfx spells it", ["plaintext"])),
  },
  async run({ name, outputSeed }, context) {
    const { newIdentity } = await import("../../operations/identities.ts");
    context.ui.show(await newIdentity(context, { name, seedFile: outputSeed }));
  },
});
