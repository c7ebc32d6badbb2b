import { arg, choice, flag, hidden, text } from "../arguments.ts";
import { defineCommand } from "../defineCommand.ts";
import { connectOptions, networkOptions } from "../networkOptions.ts";

const DFX_FORMATS = { idl: "candid", raw: "hex" } as const;

export default defineCommand({
  path: "canister install",
  summary: "Install a module on a canister that exists",
  description: "Install a module on a canister that exists: the one that the project builds, or a file. `icx deploy` does this and the rest, in the right order.",
  examples: ["icx canister install counter", "icx canister install counter --mode reinstall -y", "icx canister install counter --wasm counter.wasm --args '(10)'"],
  args: { canister: arg("canister", "name in the project, or principal") },
  options: {
    mode: choice("-m, --mode <mode>", "how to install (default: auto)", ["auto", "install", "reinstall", "upgrade"]), wasm: text("--wasm <file>", "this module instead of the built one"),
    args: text("--args <candid>", "install argument; @file reads a file"), argsFile: text("--args-file <file>", "read the install argument from a file"),
    argsFormat: choice("--args-format <format>", "how it is written (default: candid)", ["candid", "hex", "bin"]),
    argument: hidden(text("--argument <candid>", "the argument, as dfx spells it")), argumentFile: hidden(text("--argument-file <file>", "its file, as dfx spells it")),
    argumentType: hidden(choice("--argument-type <type>", "its format, as dfx spells it", ["idl", "raw"])), upgradeUnchanged: hidden(flag("--upgrade-unchanged", "dfx's; install always installs")), ...networkOptions,
  },
  async run({ canister, mode, wasm, args, argsFile, argsFormat, argument, argumentFile, argumentType, ...input }, context) {
    const { installOne } = await import("../../operations/canister/install.ts");
    context.ui.show(await installOne(context, {
      canister, mode, wasm, args: args ?? argument, argsFile: argsFile ?? argumentFile, argsFormat: argsFormat ?? (argumentType === undefined ? undefined : DFX_FORMATS[argumentType]), ...connectOptions(input),
    }));
  },
});
