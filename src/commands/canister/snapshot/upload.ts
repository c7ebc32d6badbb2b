import { ERRORS } from "../../../errors/catalogue.ts";
import { IcxError } from "../../../errors/icxError.ts";
import { arg, flag, hidden, text } from "../../arguments.ts";
import { defineCommand } from "../../defineCommand.ts";
import { connectOptions, networkOptions } from "../../networkOptions.ts";

export default defineCommand({
  path: "canister snapshot upload",
  summary: "Make a snapshot of a saved folder",
  description: "Make a snapshot of a folder that icx, icp-cli or dfx saved, on the same canister or another one, and print its id for `icx canister snapshot restore`.",
  examples: ["icx canister snapshot upload counter -i saved", "icx canister snapshot upload counter -i saved --resume"],
  args: { canister: arg("canister", "name in the project, or principal") },
  options: {
    from: text("-i, --input <folder>", "the folder to read"), dir: hidden(text("--dir <folder>", "the same, as dfx spells it")), replace: text("--replace <snapshot>", "the snapshot that the new one takes the place of"),
    resume: flag("-r, --resume", "continue an upload that was interrupted"), ...networkOptions,
  },
  async run({ canister, from, dir, replace, resume, ...input }, context) {
    const folder = from ?? dir;
    if (folder === undefined) throw new IcxError(ERRORS.arguments.usage, { problem: "Name the folder to read with `--input`.", command: "icx canister snapshot upload" });
    const { uploadSnapshot } = await import("../../../operations/snapshots/uploadSnapshot.ts");
    context.ui.show(await uploadSnapshot(context, { canister, input: folder, replace, resume, ...connectOptions(input) }));
  },
});
