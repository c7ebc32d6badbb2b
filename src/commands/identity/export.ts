import { arg, hidden, flag, text } from "../arguments.ts";
import { defineCommand } from "../defineCommand.ts";

export default defineCommand({
  path: "identity export",
  summary: "Print the key of an identity as PEM",
  description: "Print the private key of an identity as PKCS #8 PEM, which icp-cli, dfx and OpenSSL read.",
  examples: ["icx identity export alice"],
  args: { name: arg("name", "name of the identity") },
  options: { encrypt: hidden(flag("--encrypt", "a password file says so already")), passwordFile: text("--encryption-password-file <file>", "encrypt with the password in this file") },
  async run({ name, passwordFile }, context) {
    const { exportUser } = await import("../../operations/identities.ts");
    context.ui.show(await exportUser(context, { name, passwordFile }));
  },
});
