import { optionalArg } from "./arguments.ts";
import { defineCommand } from "./defineCommand.ts";

export default defineCommand({
  path: "demo",
  summary: "From nothing to a certified answer, in one command",
  description: "Create a project, start a network, compile, deploy and call a canister, and show each step with its time. The project and the network's state stay; nothing keeps running.",
  examples: ["icx demo", "icx demo my-demo --json"],
  args: { folder: optionalArg("folder", "where the project goes (default: icx-demo)") },
  options: {},
  endsItself: true,
  async run({ folder }, context) {
    const { runDemo } = await import("../operations/runDemo.ts");
    context.ui.show(await runDemo(context, { folder }));
  },
});
