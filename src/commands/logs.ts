import { flag, manyArgs, text, whole } from "./arguments.ts";
import { defineCommand } from "./defineCommand.ts";
import { connectOptions, networkOptions } from "./networkOptions.ts";

export default defineCommand({
  path: "logs",
  summary: "Show what all canisters of the project printed",
  description: "Show what the canisters of the project printed, and why they trapped, in the order of time. With --follow, as it happens until Ctrl-C; with --json then one record a line.",
  examples: ["icx logs", "icx logs --follow", "icx logs counter ledger --since 10m", "icx logs --follow --tail 0 --json"],
  args: { canisters: manyArgs("canisters", "names in the project, or principals (default: every canister of the project)") },
  options: {
    follow: flag("-f, --follow", "keep showing new records"), tail: whole("--tail <count>", "the last records alone"),
    since: text("--since <time>", "from then on: nanoseconds, RFC 3339, or back from now such as 5m"), ...networkOptions,
  },
  async run({ canisters, follow, tail, since, ...input }, context) {
    const { projectLogs } = await import("../operations/followLogs.ts");
    const shown = await projectLogs(context, { canisters, follow, tail, since, ...connectOptions(input) });
    if (shown !== undefined) context.ui.show(shown);
  },
});
