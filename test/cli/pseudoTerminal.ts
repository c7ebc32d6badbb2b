import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";

/** Why no pseudo-terminal can be had here; undefined where one can. util-linux makes one with `script`; Node itself has none. */
export const WITHOUT_PSEUDO_TERMINAL: string | undefined =
  process.platform === "linux" && spawnSync("script", ["--version"], { encoding: "utf8" }).stdout?.includes("util-linux") === true ? undefined : "`script` of util-linux is not here, and Node makes no pseudo-terminals";

/** A program on a terminal of 80 columns and 24 rows of the operating system. */
export interface PseudoTerminal {
  /** Presses keys. */
  type(keys: string): void;
  /** Resolves with the screen's text when what was written since the last key holds this. */
  shows(words: RegExp, timeoutMs?: number): Promise<string>;
  readonly ended: Promise<number>;
  kill(): void;
}

const word = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
const CTRL = String.fromCharCode(27);

/** Runs the real `icx` on a pseudo-terminal. */
export function onPseudoTerminal(argv: readonly string[], cwd: string, env: Readonly<Record<string, string | undefined>>): PseudoTerminal {
  const command = ["stty cols 80 rows 24;", "exec", ...[process.execPath, join(process.cwd(), "bin", "icx.js"), ...argv].map(word)].join(" ");
  const child: ChildProcess = spawn("script", ["-qfec", command, "/dev/null"], { cwd, env: { ...env, TERM: "xterm-256color", SHELL: "/bin/sh" } as NodeJS.ProcessEnv, stdio: ["pipe", "pipe", "inherit"] });
  let written = "", wake = (): void => undefined;
  child.stdout!.setEncoding("utf8").on("data", (text: string) => { written += text; wake(); });
  const ended = new Promise<number>((resolve) => { child.on("exit", (code) => { resolve(code ?? 1); wake(); }); });
  const plain = (): string => stripVTControlCharacters(written).replaceAll(CTRL, "").replaceAll("\r", "");
  return {
    type(keys) { written = ""; child.stdin!.write(keys); },
    async shows(words, timeoutMs = 30_000) {
      const until = AbortSignal.timeout(timeoutMs);
      while (!words.test(plain())) {
        if (until.aborted || child.exitCode !== null) throw new RangeError(`the terminal does not show ${words}: ${plain().slice(-2_000)}`);
        await new Promise<void>((resolve) => { wake = resolve; until.addEventListener("abort", () => { resolve(); }, { once: true }); });
      }
      return plain();
    },
    ended, kill: () => { child.kill(); },
  };
}
