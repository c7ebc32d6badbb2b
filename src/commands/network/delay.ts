import { durationArg, duration, text } from "../arguments.ts";
import { defineCommand } from "../defineCommand.ts";

export default defineCommand({
  path: "network delay",
  summary: "Delay what nodes send each other",
  description: "Delay what the nodes of a subnet send each other, each time by as much, give or take the jitter. `0ms` ends it, and so does a restart.",
  examples: ["icx network delay 50ms", "icx network delay 50ms --jitter 10ms --subnet bkfrj-6k62g", "icx network delay 0ms"],
  args: { delay: durationArg("delay", "from one node to another: `50ms`, `1.5s`") },
  options: { jitter: duration("--jitter <time>", "how far a delay may be off"), subnet: text("--subnet <subnet>", "in this subnet alone: its id, or the beginning of it") },
  async run({ delay, jitter, subnet }, context) {
    const { delayLinks } = await import("../../operations/links.ts");
    context.ui.show(await delayLinks(context, { delayMs: delay, jitterMs: jitter ?? 0, subnet }));
  },
});
