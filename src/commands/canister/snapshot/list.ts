import { arg } from "../../arguments.ts";
import { defineCommand } from "../../defineCommand.ts";
import { connectOptions, networkOptions } from "../../networkOptions.ts";

export default defineCommand({
  path: "canister snapshot list",
  summary: "List the snapshots of a canister",
  examples: ["icx canister snapshot list counter", "icx canister snapshot list counter --json"],
  args: { canister: arg("canister", "name in the project, or principal") },
  options: networkOptions,
  async run({ canister, ...input }, context) {
    const { listSnapshots } = await import("../../../operations/snapshots/snapshotVerbs.ts");
    context.ui.show(await listSnapshots(context, { canister, ...connectOptions(input) }));
  },
});
