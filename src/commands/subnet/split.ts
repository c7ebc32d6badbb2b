import { arg, texts, whole } from "../arguments.ts";
import { defineCommand } from "../defineCommand.ts";

export default defineCommand({
  path: "subnet split",
  summary: "Give some canisters of a subnet a subnet of their own",
  description: "Make two subnets of one: it stops at a catch-up package, and the new one goes on with the canisters that you name, with their ids, cycles and open calls. You are asked first.",
  examples: ["icx subnet split bkfrj-6k62g --canisters backend,assets", "icx subnet split bkfrj-6k62g --ranges bkyz2-fmaaa-aaaaa-qaaaq-cai:bd3sg-teaaa-aaaaa-qaaba-cai -y"],
  args: { subnet: arg("subnet", "its id, or the beginning of it") },
  options: {
    canisters: texts("--canisters <names>", "the canisters that go, by name or id, with commas between them; may be repeated"), ranges: texts("--ranges <ids>", "canister ids that go, each range as `first:last`"),
    nodes: whole("--nodes <number>", "virtual nodes of the new subnet (default: as many as the other one has)"),
  },
  async run(input, context) {
    const { splitSubnet } = await import("../../operations/splitSubnet.ts");
    context.ui.show(await splitSubnet(context, input));
  },
});
