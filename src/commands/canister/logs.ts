import { arg, flag, hidden, text, whole } from "../arguments.ts";
import { defineCommand } from "../defineCommand.ts";
import { connectOptions, networkOptions } from "../networkOptions.ts";

export default defineCommand({
  path: "canister logs",
  summary: "Show what a canister printed",
  description: "Show what a canister printed, and why it trapped. With --follow, one record a line until Ctrl-C.",
  examples: ["icx canister logs counter", "icx canister logs counter --tail 20", "icx canister logs counter --since 10m --json", "icx canister logs counter --follow"],
  args: { canister: arg("canister", "name in the project, or principal") },
  options: {
    follow: flag("-f, --follow", "keep showing new records"), interval: whole("--interval <seconds>", "how often to ask when following (default: 1)"), tail: whole("--tail <count>", "the last records alone"),
    since: text("--since <time>", "from then on: nanoseconds, RFC 3339, or back from now such as 5m"), sinceTime: hidden(text("--since-time <time>", "the same, as dfx spells it")), until: text("--until <time>", "before then"),
    sinceIndex: whole("--since-index <index>", "from this record on"), untilIndex: whole("--until-index <index>", "before this record"), ...networkOptions,
  },
  async run({ since, sinceTime, ...input }, context) {
    const { canisterLogs } = await import("../../operations/canister/logs.ts");
    const shown = await canisterLogs(context, { ...input, since: since ?? sinceTime, ...connectOptions(input) });
    if (shown !== undefined) context.ui.show(shown);
  },
});
