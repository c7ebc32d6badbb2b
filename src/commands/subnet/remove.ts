import { arg } from "../arguments.ts";
import { defineCommand } from "../defineCommand.ts";

export default defineCommand({
  path: "subnet remove",
  summary: "Take a subnet out of the local network",
  description: "Take a subnet out of the local network. Its canisters are gone with it: if it has any you are asked first.",
  examples: ["icx subnet remove bkfrj-6k62g", "icx subnet remove bkfrj-6k62g -y"],
  args: { subnet: arg("subnet", "its id, or the beginning of it") }, options: {},
  async run({ subnet }, context) {
    const { removeSubnet } = await import("../../operations/subnets.ts");
    context.ui.show(await removeSubnet(context, subnet));
  },
});
