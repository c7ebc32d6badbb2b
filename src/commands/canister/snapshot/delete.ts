import { arg } from "../../arguments.ts";
import { defineCommand } from "../../defineCommand.ts";
import { connectOptions, networkOptions } from "../../networkOptions.ts";

export default defineCommand({
  path: "canister snapshot delete",
  summary: "Delete a snapshot of a canister",
  description: "Delete a snapshot of a canister. Asks first; -y answers.",
  examples: ["icx canister snapshot delete counter 00000000000000010000000000100000 -y"],
  args: { canister: arg("canister", "name in the project, or principal"), snapshot: arg("snapshot", "its id, as `icx canister snapshot list` prints it") },
  options: networkOptions,
  async run({ canister, snapshot, ...input }, context) {
    const { deleteSnapshot } = await import("../../../operations/snapshots/snapshotVerbs.ts");
    context.ui.show(await deleteSnapshot(context, { canister, snapshot, ...connectOptions(input) }));
  },
});
