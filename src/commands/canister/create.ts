import { bytes, cycles, flag, hidden, optionalArg, percent, seconds, text, texts } from "../arguments.ts";
import { defineCommand } from "../defineCommand.ts";
import { connectOptions, networkOptions } from "../networkOptions.ts";

export default defineCommand({
  path: "canister create",
  summary: "Create an empty canister",
  description: "Create an empty canister with the settings of the manifest, and record its id. One that exists is left alone. `icx deploy` does this and the rest.",
  examples: ["icx canister create counter", "icx canister create counter --cycles 5t --freezing-threshold 90d", "icx canister create --detached --json"],
  args: { canister: optionalArg("canister", "name in the project") },
  options: {
    all: flag("--all", "every canister of the project"), detached: flag("--detached", "a canister of no project; its id is printed and recorded nowhere"),
    controller: texts("--controller <principal>", "who controls it besides you; may be repeated"), cycles: cycles("--cycles <amount>", "cycles that it starts with"),
    withCycles: hidden(cycles("--with-cycles <amount>", "the same, as dfx spells it")), specifiedId: text("--specified-id <principal>", "the id that it shall have"),
    computeAllocation: percent("--compute-allocation <percent>", "guaranteed share of a core"), memoryAllocation: bytes("--memory-allocation <size>", "reserved memory, such as 1gib"),
    freezingThreshold: seconds("--freezing-threshold <time>", "how long its cycles must last, such as 30d"), reservedCyclesLimit: cycles("--reserved-cycles-limit <amount>", "most cycles to set aside for memory"),
    subnet: text("--subnet <subnet>", "the subnet of the local network: its id, or the beginning of it"), ...networkOptions,
  },
  async run({ canister, all, detached, controller, cycles: amount, withCycles, specifiedId, computeAllocation, memoryAllocation, freezingThreshold, reservedCyclesLimit, subnet, ...input }, context) {
    const { createCanisters } = await import("../../operations/canister/create.ts");
    context.ui.show(await createCanisters(context, {
      canister, all, detached, controllers: controller, cycles: amount ?? withCycles, specifiedId, computeAllocation, memoryAllocation, freezingThreshold, reservedCyclesLimit, subnet, ...connectOptions(input),
    }));
  },
});
