import { defineCommand } from "../defineCommand.ts";

export default defineCommand({
  path: "identity list",
  summary: "List your identities",
  examples: ["icx identity list"],
  args: {}, options: {},
  async run(_, context) {
    const { identityList } = await import("../../operations/identities.ts");
    context.ui.show(await identityList(context));
  },
});
