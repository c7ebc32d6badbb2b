import { arg } from "../arguments.ts";
import { defineCommand } from "../defineCommand.ts";

export default defineCommand({
  path: "identity rename",
  summary: "Give an identity another name",
  examples: ["icx identity rename alice carol"],
  args: { from: arg("old-name", "how it is called"), to: arg("new-name", "how it shall be called") },
  options: {},
  async run({ from, to }, context) {
    const { renameUser } = await import("../../operations/identities.ts");
    context.ui.show(await renameUser(context, { from, to }));
  },
});
