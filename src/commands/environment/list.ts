import { defineCommand } from "../defineCommand.ts";

export default defineCommand({
  path: "environment list",
  summary: "List the project's environments",
  description: "List the project's environments, one a line: those of the manifest, then `local` and `ic`, which exist in every project. `-e NAME` works in one of them.",
  examples: ["icx environment list", "icx environment list --json"],
  args: {}, options: {},
  async run(_, context) {
    const { listEnvironments } = await import("../../operations/listEnvironments.ts");
    context.ui.show(listEnvironments(context));
  },
});
