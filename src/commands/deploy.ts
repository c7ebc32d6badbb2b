import { choice, cycles, flag, hidden, manyArgs, text, texts } from "./arguments.ts";
import { defineCommand } from "./defineCommand.ts";
import { connectOptions, networkOptions } from "./networkOptions.ts";

const DFX_FORMATS = { idl: "candid", raw: "hex" } as const;

export default defineCommand({
  path: "deploy",
  summary: "Create, build, install and sync the project's canisters",
  description: "Create, build, install and sync the project's canisters. A module that has not changed is left alone; one that has is upgraded and keeps its state: before that, its interface and its stable variables are"
    + " compared with those that run, and what would break callers or lose data is refused.",
  examples: ["icx deploy", "icx deploy counter", "icx deploy counter --mode reinstall -y", "icx deploy counter --args '(10)'"],
  args: { names: manyArgs("names", "canisters to deploy, with what they depend on (default: all)") },
  options: {
    mode: choice("-m, --mode <mode>", "how to install (default: auto)", ["auto", "install", "reinstall", "upgrade"]),
    upgradeUnchanged: flag("--upgrade-unchanged", "upgrade also what has not changed"),
    args: text("--args <candid>", "install argument of one canister; @file reads a file"), argsFile: text("--args-file <file>", "read the install argument from a file"),
    argsFormat: choice("--args-format <format>", "how it is written (default: candid)", ["candid", "hex", "bin"]),
    create: flag("--no-create", "fail if a canister does not exist, instead of creating it"),
    controller: texts("--controller <principal>", "another controller of new canisters; may be repeated"),
    cycles: cycles("--cycles <amount>", "cycles for each new canister, such as 2t"),
    specifiedId: text("--specified-id <principal>", "the id that one new canister is given"),
    subnet: text("--subnet <subnet>", "the local network's subnet for new canisters: its id, or the beginning of it"),
    outputEnvFile: text("--output-env-file <file>", "write the canisters' ids there as variables"),
    argument: hidden(text("--argument <candid>", "the argument, as dfx spells it")), argumentFile: hidden(text("--argument-file <file>", "its file, as dfx spells it")),
    argumentType: hidden(choice("--argument-type <type>", "its format, as dfx spells it", ["idl", "raw"])), withCycles: hidden(cycles("--with-cycles <amount>", "cycles, as dfx spells it")),
    noWallet: hidden(flag("--no-wallet", "dfx's; icx has no wallets")), all: hidden(flag("--all", "dfx's; all is the default")), ...networkOptions,
  },
  async run({ names, argument, argumentFile, argumentType, withCycles, controller, ...input }, context) {
    const { deployProject } = await import("../operations/deployProject.ts");
    const { mode, upgradeUnchanged, specifiedId, outputEnvFile, subnet } = input;
    context.ui.show(await deployProject(context, {
      names, mode, upgradeUnchanged, noCreate: !input.create, specifiedId, outputEnvFile, subnet, controllers: controller, cycles: input.cycles ?? withCycles, args: input.args ?? argument, argsFile: input.argsFile ?? argumentFile,
      argsFormat: input.argsFormat ?? (argumentType === undefined ? undefined : DFX_FORMATS[argumentType]), ...connectOptions(input),
    }));
  },
});
