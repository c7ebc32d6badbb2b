import { arg } from "../arguments.ts";
import { defineCommand } from "../defineCommand.ts";

export default defineCommand({
  path: "identity delete", aliases: ["identity remove"],
  summary: "Delete an identity and its key",
  description: "Delete an identity and its key. Asks first; -y answers.",
  examples: ["icx identity delete alice", "icx identity delete alice -y"],
  args: { name: arg("name", "name of the identity") },
  options: {},
  async run({ name }, context) {
    const { deleteUser } = await import("../../operations/identities.ts");
    context.ui.show(await deleteUser(context, { name }));
  },
});
