import { arg, choice, flag, hidden, optionalArg, text } from "../arguments.ts";
import { defineCommand } from "../defineCommand.ts";

export default defineCommand({
  path: "identity import",
  summary: "Keep a copy of a key from a PEM file or a seed phrase",
  description: "Keep a copy of a key from a seed phrase (secp256k1, m/44'/223'/0'/0/0), or from a PEM file, as dfx, icp-cli, quill or OpenSSL write it: PKCS #8 or SEC 1, Ed25519, secp256k1 or P-256.",
  examples: ["icx identity import alice --from-pem alice.pem", "icx identity import alice alice.pem"],
  args: { name: arg("name", "name for the identity"), file: optionalArg("file", "PEM file") },
  options: {
    fromPem: text("--from-pem <file>", "PEM file, as icp-cli spells it"), seedFile: text("--from-seed-file <file>", "file with a seed phrase"), passwordFile: text("--decryption-password-from-file <file>", "file with the password of an encrypted key"),
    storage: hidden(choice("--storage <kind>", "icx keeps keys in files that only you can read", ["plaintext"])), storageMode: hidden(choice("--storage-mode <kind>", "the same, as dfx spells it", ["plaintext"])),
    disableEncryption: hidden(flag("--disable-encryption", "as dfx once spelled it")),
  },
  async run({ name, file, fromPem, seedFile, passwordFile }, context) {
    const { importUser } = await import("../../operations/identities.ts");
    context.ui.show(await importUser(context, { name, file: fromPem ?? file, seedFile, passwordFile }));
  },
});
