import { manyArgs } from "./arguments.ts";
import { defineCommand } from "./defineCommand.ts";
import { networkOptions } from "./networkOptions.ts";

export default defineCommand({
  path: "build",
  summary: "Compile the project's canisters",
  description: "Compile the project's canisters. Results are cached by content: an unchanged canister is never compiled twice, and the same program in another project is not either (ICX_CACHE names the folder of the user where they are kept; ICX_CACHE=off keeps them in the project alone). Motoko is compiled by this machine's moc (ICX_MOC, DFX_MOC_PATH, the one that mops.toml pins, the PATH), else by the compiler that comes with icx.",
  examples: ["icx build", "icx build counter"],
  args: { names: manyArgs("names", "canisters to build (default: all)") },
  options: { environment: networkOptions.environment },
  async run(input, context) {
    const { buildProject } = await import("../operations/buildProject.ts");
    context.ui.show(await buildProject(context, input));
  },
});
