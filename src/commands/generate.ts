import { manyArgs, text } from "./arguments.ts";
import { defineCommand } from "./defineCommand.ts";
import { connectOptions, networkOptions } from "./networkOptions.ts";

export default defineCommand({
  path: "generate",
  summary: "Write TypeScript and JavaScript bindings of the canisters",
  description: "Write the official bindings of the project's canisters, those of @icp-sdk/bindgen: an actor in TypeScript and declarations in JavaScript with their types. The interface is the .did file that the manifest names, else what the build gives, else what"
    + " the canister publishes on the network. Files that are the same stay untouched, and nothing is deleted. They go to src/bindings, or where dfx.json says under declarations.",
  examples: ["icx generate", "icx generate counter --out frontend/src/bindings"],
  args: { names: manyArgs("names", "canisters to make bindings for (default: all)") },
  options: { out: text("--out <folder>", "write to this folder"), ...networkOptions },
  async run({ names, out, ...input }, context) {
    const { generateBindings } = await import("../operations/generateBindings.ts");
    context.ui.show(await generateBindings(context, { names, out, ...connectOptions(input) }));
  },
});
