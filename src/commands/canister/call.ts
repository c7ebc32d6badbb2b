import { arg, choice, flag, optionalArg, text } from "../arguments.ts";
import { defineCommand } from "../defineCommand.ts";
import { connectOptions, networkOptions } from "../networkOptions.ts";

export default defineCommand({
  path: "canister call", aliases: ["call"],
  summary: "Call a method of a canister",
  description: "Call a method of a canister. A query method is asked as a query, its answer checked against the node's signature; every other call goes through consensus and its answer is certified.",
  examples: ["icx canister call counter increment '(1)'", "icx canister call counter get --update", "icx call counter get --json"],
  args: { canister: arg("canister", "name in the project, or principal"), method: arg("method", "method to call"), args: optionalArg("args", "candid text such as '(1, \"two\")'") },
  options: {
    query: flag("--query", "send a query, whatever the interface says"), update: flag("--update", "go through consensus, even for a query method"),
    output: choice("-o, --output <format>", "how to print the reply", ["candid", "json", "hex"]),
    argument: { ...text("--argument <candid>", "the argument, as dfx spells it"), hidden: true }, namedArgs: { ...text("--args <candid>", "the argument, as icp-cli spells it"), hidden: true },
    argsFile: text("--args-file <file>", "read the argument from a file"), argsFormat: choice("--args-format <format>", "how the argument is written", ["candid", "hex"]),
    candid: text("--candid <file>", "use this .did file instead of the published interface"), ...networkOptions,
  },
  async run({ args, argument, namedArgs, ...input }, context) {
    const { callCanister } = await import("../../operations/callCanister.ts");
    context.ui.show(await callCanister(context, { ...input, ...connectOptions(input), args: args ?? argument ?? namedArgs }));
  },
});
