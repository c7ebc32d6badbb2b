import { arg } from "../../arguments.ts";
import { defineCommand } from "../../defineCommand.ts";
import { connectOptions, networkOptions } from "../../networkOptions.ts";

export default defineCommand({
  path: "canister snapshot restore", aliases: ["canister snapshot load"],
  summary: "Bring a stopped canister back to a snapshot",
  description: "Bring a stopped canister back to a snapshot: module and state become those of the snapshot; cycles and settings stay. Asks first; -y answers.",
  examples: ["icx canister snapshot restore counter 00000000000000010000000000100000", "icx canister snapshot restore counter 00000000000000010000000000100000 -y"],
  args: { canister: arg("canister", "name in the project, or principal"), snapshot: arg("snapshot", "its id, as `icx canister snapshot list` prints it") },
  options: networkOptions,
  async run({ canister, snapshot, ...input }, context) {
    const { restoreSnapshot } = await import("../../../operations/snapshots/snapshotVerbs.ts");
    context.ui.show(await restoreSnapshot(context, { canister, snapshot, ...connectOptions(input) }));
  },
});
