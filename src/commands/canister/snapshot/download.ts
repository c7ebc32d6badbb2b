import { ERRORS } from "../../../errors/catalogue.ts";
import { IcxError } from "../../../errors/icxError.ts";
import { arg, flag, hidden, text } from "../../arguments.ts";
import { defineCommand } from "../../defineCommand.ts";
import { connectOptions, networkOptions } from "../../networkOptions.ts";

export default defineCommand({
  path: "canister snapshot download",
  summary: "Save a snapshot to a folder",
  description: "Save a snapshot to a folder, in chunks, as icp-cli and dfx do: metadata.json, one file for the module and each memory, and the chunk store.",
  examples: ["icx canister snapshot download counter 00000000000000010000000000100000 -o saved", "icx canister snapshot download counter 00000000000000010000000000100000 -o saved --resume"],
  args: { canister: arg("canister", "name in the project, or principal"), snapshot: arg("snapshot", "its id, as `icx canister snapshot list` prints it") },
  options: {
    output: text("-o, --output <folder>", "the folder to write, empty or new"), dir: hidden(text("--dir <folder>", "the same, as dfx spells it")),
    resume: flag("-r, --resume", "continue a download that was interrupted"), ...networkOptions,
  },
  async run({ canister, snapshot, output, dir, resume, ...input }, context) {
    const folder = output ?? dir;
    if (folder === undefined) throw new IcxError(ERRORS.arguments.usage, { problem: "Name the folder to write with `--output`.", command: "icx canister snapshot download" });
    const { downloadSnapshot } = await import("../../../operations/snapshots/downloadSnapshot.ts");
    context.ui.show(await downloadSnapshot(context, { canister, snapshot, output: folder, resume, ...connectOptions(input) }));
  },
});
