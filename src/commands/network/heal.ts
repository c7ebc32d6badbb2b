import { text } from "../arguments.ts";
import { defineCommand } from "../defineCommand.ts";

export default defineCommand({
  path: "network heal",
  summary: "Join the links that were cut",
  description: "Join the links that `icx network partition` and `icx node isolate` cut; delays stay.",
  examples: ["icx network heal", "icx network heal --subnet bkfrj-6k62g"],
  args: {}, options: { subnet: text("--subnet <subnet>", "of this subnet alone: its id, or the beginning of it") },
  async run({ subnet }, context) {
    const { healNetwork } = await import("../../operations/links.ts");
    context.ui.show(await healNetwork(context, subnet));
  },
});
