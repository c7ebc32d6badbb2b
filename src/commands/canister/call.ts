import { ERRORS } from "../../errors/catalogue.ts";
import { IcxError } from "../../errors/icxError.ts";
import { arg, choice, cycles, flag, hidden, optionalArg, text } from "../arguments.ts";
import { defineCommand } from "../defineCommand.ts";
import { connectOptions, networkOptions } from "../networkOptions.ts";

export default defineCommand({
  path: "canister call", aliases: ["call"],
  summary: "Call a method of a canister",
  description: [
    "Call a method of a canister. A query method is asked as a query, its answer checked against the node's signature; every other call goes through consensus and its answer is certified.",
    "Without arguments a method that takes none is called with (); for others a terminal gets a form.",
    "In JSON, nat, int and 64-bit numbers are strings of digits, principals text, blobs hex, opt [] or [v], variants {tag: value}, records objects, records without names lists.",
  ].join(" "),
  examples: ["icx canister call counter increment '(1)'", "icx canister call counter get --update", "icx call counter get --json", "icx call wallet accept --cycles 1t", "icx call counter increment '(1)' --receipt", "icx call counter increment '(1)' --as rwlgt-iiaaa-aaaaa-aaaaa-cai"],
  args: { canister: arg("canister", "name in the project, or principal"), method: arg("method", "method to call"), args: optionalArg("args", "candid text such as '(1, \"two\")'") },
  options: {
    query: flag("--query", "send a query, whatever the interface says"), update: flag("--update", "go through consensus, even for a query method"),
    output: choice("-o, --output <format>", "how to print the reply; auto is candid, else text, else hex", ["auto", "candid", "text", "hex", "json"]),
    argument: { ...text("--argument <candid>", "the argument, as dfx spells it"), hidden: true }, namedArgs: { ...text("--args <candid>", "the argument, as icp-cli spells it"), hidden: true },
    argsFile: text("--args-file <file>", "read the argument from a file"), argumentFile: { ...text("--argument-file <file>", "the same, as dfx spells it"), hidden: true },
    argsFormat: choice("--args-format <format>", "how the argument is written; bin for files", ["candid", "hex", "bin"]),
    argumentType: { ...choice("--argument-type <type>", "the same, as dfx spells it", ["idl", "raw"]), hidden: true },
    cycles: cycles("--cycles <amount>", "cycles that the call carries, such as 1t: a proxy canister makes it, on a local network one of icx"),
    withCycles: hidden(cycles("--with-cycles <amount>", "the same, as dfx spells it")), proxy: text("--proxy <canister>", "the proxy canister that makes the call"),
    as: text("--as <principal>", "who calls, whoever that is: local network only"), impersonate: hidden(text("--impersonate <principal>", "the same, as dfx spells it")),
    receipt: flag("--receipt", "also what it and the calls that it made did and cost: instructions, cycles, memory; local network only"),
    candid: text("--candid <file>", "use this .did file instead of the published interface"), ...networkOptions,
  },
  async run({ args, cycles: amount, withCycles, as, impersonate, argument, namedArgs, argsFile, argumentFile, argsFormat, argumentType, ...input }, context) {
    const given = [args, argument, namedArgs].filter((one) => one !== undefined), files = [argsFile, argumentFile].filter((one) => one !== undefined);
    if (given.length > 1 || files.length > 1) throw new IcxError(ERRORS.arguments.twoArguments, { first: [...given, ...files][0]!, second: [...given, ...files][1]! });
    const { callCanister } = await import("../../operations/callCanister.ts");
    context.ui.show(await callCanister(context, { ...input, ...connectOptions(input), cycles: amount ?? withCycles, as: as ?? impersonate, args: given[0], argsFile: files[0], argsFormat: argsFormat ?? (argumentType === "raw" ? "hex" : undefined) }));
  },
});
