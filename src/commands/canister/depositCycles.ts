import { arg, cyclesArg } from "../arguments.ts";
import { defineCommand } from "../defineCommand.ts";
import { connectOptions, networkOptions } from "../networkOptions.ts";

export default defineCommand({
  path: "canister deposit-cycles",
  summary: "Give a canister cycles, as dfx spells it",
  examples: ["icx canister deposit-cycles 2t counter"],
  hidden: true,
  args: { amount: cyclesArg("amount", "how many, such as 500b or 2t"), canister: arg("canister", "name in the project, or principal") },
  options: { ...networkOptions },
  async run({ canister, amount, ...input }, context) {
    const { topUp } = await import("../../operations/canister/topUp.ts");
    context.ui.show(await topUp(context, { canister, amount, ...connectOptions(input) }));
  },
});
