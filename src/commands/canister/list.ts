import { defineCommand } from "../defineCommand.ts";
import { connectOptions, networkOptions } from "../networkOptions.ts";

export default defineCommand({
  path: "canister list",
  summary: "List the project's canisters and their ids",
  examples: ["icx canister list", "icx canister list --json"],
  args: {}, options: { ...networkOptions },
  async run(input, context) {
    const { listCanisters } = await import("../../operations/listCanisters.ts");
    context.ui.show(await listCanisters(context, connectOptions(input)));
  },
});
