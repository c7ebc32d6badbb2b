import { choice, manyArgs, text } from "./arguments.ts";
import { defineCommand } from "./defineCommand.ts";
import { connectOptions, networkOptions } from "./networkOptions.ts";

export default defineCommand({
  path: "deploy",
  summary: "Build, create and install the project's canisters",
  description: "Build, create and install the project's canisters. A module that has not changed is left alone; one that has is upgraded and keeps its state.",
  examples: ["icx deploy", "icx deploy counter", "icx deploy counter --mode reinstall -y"],
  args: { names: manyArgs("names", "canisters to deploy (default: all)") },
  options: {
    mode: choice("-m, --mode <mode>", "how to install (default: auto)", ["auto", "install", "reinstall", "upgrade"]),
    args: text("--args <candid>", "install argument; @file reads a file"), argument: { ...text("--argument <candid>", "the same, as dfx spells it"), hidden: true }, ...networkOptions,
  },
  async run({ names, mode, args, argument, ...input }, context) {
    const { deployProject } = await import("../operations/deployProject.ts");
    context.ui.show(await deployProject(context, { names, mode, args: args ?? argument, ...connectOptions(input) }));
  },
});
