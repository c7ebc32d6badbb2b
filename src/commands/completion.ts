import { InvalidArgumentError } from "commander";
import type { ArgumentSpec } from "./defineCommand.ts";
import { defineCommand } from "./defineCommand.ts";

const SHELLS = ["bash", "zsh", "fish", "powershell"] as const;
type Shell = (typeof SHELLS)[number];
const shellArg: ArgumentSpec<Shell> = {
  name: "shell", summary: `one of ${SHELLS.join(", ")}`, arity: "one",
  parse: (word) => {
    const shell = SHELLS.find((known) => known === word);
    if (shell === undefined) throw new InvalidArgumentError(`Shells: ${SHELLS.join(", ")}.`);
    return shell;
  },
};

export default defineCommand({
  path: "completion", aliases: ["completions"],
  summary: "Print a script that completes icx in your shell",
  description: "Print a script that completes commands, options, their values and the project's canisters. bash: `source <(icx completion bash)` in ~/.bashrc. zsh: into a file `_icx` on your $fpath."
    + " fish: into ~/.config/fish/completions/icx.fish. PowerShell: append it to $PROFILE.",
  examples: ["icx completion bash", "icx completion fish"],
  args: { shell: shellArg }, options: {},
  async run({ shell }, context, rows) {
    const { completionScript } = await import("./completion/script.ts"), script = completionScript(rows, shell);
    context.ui.show({ text: script, data: { shell, script } });
  },
});
