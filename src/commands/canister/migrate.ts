import { arg, required, text } from "../arguments.ts";
import { defineCommand } from "../defineCommand.ts";
import { connectOptions, networkOptions } from "../networkOptions.ts";

export default defineCommand({
  path: "canister migrate",
  summary: "Move a canister to another subnet of the local network",
  description: "Move a canister to another subnet of the local network, with its id, its state and its settings: it is stopped, a new canister there takes a snapshot of it, and the routing table makes that one the canister. You are asked first.",
  examples: ["icx canister migrate counter --to bkfrj-6k62g", "icx canister migrate counter --to bkfrj-6k62g -y"],
  args: { canister: arg("canister", "name in the project, or principal") },
  options: { to: required(text("--to <subnet>", "the subnet's id, or the beginning of it")), ...networkOptions },
  async run({ canister, to, ...input }, context) {
    const { migrateCanister } = await import("../../operations/canister/migrateCanister.ts");
    context.ui.show(await migrateCanister(context, { canister, to, ...connectOptions(input) }));
  },
});
