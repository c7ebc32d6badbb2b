import { arg, text } from "../../arguments.ts";
import { defineCommand } from "../../defineCommand.ts";
import { connectOptions, networkOptions } from "../../networkOptions.ts";

export default defineCommand({
  path: "canister snapshot create",
  summary: "Take a snapshot of a stopped canister",
  description: "Take a snapshot of a stopped canister: its module, both memories, the chunk store and certified data, to return to with `icx canister snapshot restore`.",
  examples: ["icx canister snapshot create counter", "icx canister snapshot create counter --replace 00000000000000010000000000100000"],
  args: { canister: arg("canister", "name in the project, or principal") },
  options: { replace: text("--replace <snapshot>", "the snapshot that the new one takes the place of"), ...networkOptions },
  async run({ canister, replace, ...input }, context) {
    const { createSnapshot } = await import("../../../operations/snapshots/snapshotVerbs.ts");
    context.ui.show(await createSnapshot(context, { canister, replace, ...connectOptions(input) }));
  },
});
