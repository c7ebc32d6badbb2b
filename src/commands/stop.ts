import { defineCommand } from "./defineCommand.ts";

export default defineCommand({
  path: "stop", aliases: ["network stop"],
  summary: "Stop the project's local network",
  description: "Stop the project's local network after it has written its state.",
  examples: ["icx stop"],
  args: {}, options: {},
  async run(_, context) {
    const { stopLocalNetwork } = await import("../operations/stopLocalNetwork.ts");
    context.ui.show(await stopLocalNetwork(context));
  },
});
