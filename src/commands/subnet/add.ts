import { optionalArg, whole } from "../arguments.ts";
import { defineCommand } from "../defineCommand.ts";

export default defineCommand({
  path: "subnet add",
  summary: "Add a subnet to the local network",
  description: "Add a subnet to the local network while it runs: with keys of its own, canister ids of its own and a delegation from the root subnet. It stays over restarts.",
  examples: ["icx subnet add", "icx subnet add fiduciary --nodes 4", "icx subnet add application --priced-as 28"],
  args: { type: optionalArg("type", "application (default), fiduciary, system, verified-application, bitcoin, sns or cloud-engine") },
  options: { nodes: whole("--nodes <number>", "virtual nodes (default: as many as the root subnet has)"), pricedAs: whole("--priced-as <number>", "the size that its fees follow (default: mainnet's for its type)") },
  async run(input, context) {
    const { addSubnet } = await import("../../operations/subnets.ts");
    context.ui.show(await addSubnet(context, input));
  },
});
