import { manyArgs } from "./arguments.ts";
import { defineCommand } from "./defineCommand.ts";
import { connectOptions, networkOptions } from "./networkOptions.ts";

export default defineCommand({
  path: "sync",
  summary: "Run the sync steps of the project's canisters",
  description: "Run the sync steps of the project's canisters, as `icx deploy` does after an installation. The canisters must exist and run.",
  examples: ["icx sync", "icx sync frontend"],
  args: { names: manyArgs("names", "canisters to sync (default: all)") },
  options: { ...networkOptions },
  async run({ names, ...input }, context) {
    const { syncProject } = await import("../operations/syncProject.ts");
    context.ui.show(await syncProject(context, { names, ...connectOptions(input) }));
  },
});
