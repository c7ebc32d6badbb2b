import { arg, cycles, required } from "../arguments.ts";
import { defineCommand } from "../defineCommand.ts";
import { connectOptions, networkOptions } from "../networkOptions.ts";

export default defineCommand({
  path: "canister top-up",
  summary: "Give a canister cycles",
  description: "Give a canister cycles; a local network makes them.",
  examples: ["icx canister top-up counter --amount 2t"],
  args: { canister: arg("canister", "name in the project, or principal") },
  options: { amount: required(cycles("--amount <cycles>", "how many, such as 500b or 2t")), ...networkOptions },
  async run({ canister, amount, ...input }, context) {
    const { topUp } = await import("../../operations/canister/topUp.ts");
    context.ui.show(await topUp(context, { canister, amount, ...connectOptions(input) }));
  },
});
