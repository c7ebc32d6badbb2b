import { defineCommand } from "./defineCommand.ts";

export default defineCommand({
  path: "doctor",
  summary: "Check what icx needs on this machine",
  description: "Check what icx needs on this machine and in this project: each is ok, absent (and not needed now), or FAILED with what to do. Exit code 1 if one failed. Nothing is changed.",
  examples: ["icx doctor", "icx doctor --json"],
  args: {}, options: {},
  async run(_, context) {
    const { examine } = await import("../operations/examine.ts"), { healthy, report } = await examine(context);
    context.ui.show(report);
    return healthy ? 0 : 1;
  },
});
