import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { commands } from "./commands/index.ts";
import { parseCommandLine } from "./commands/program.ts";
import type { GlobalOptions } from "./context/context.ts";
import type { Io } from "./context/io.ts";
import { ERRORS } from "./errors/catalogue.ts";
import { IcxError } from "./errors/icxError.ts";
import { PROJECT_HOME, projectHome } from "./identity/identityFolder.ts";
import { ENDING_SIGNALS } from "./network/processes.ts";
import { icxVersion } from "./operations/icxVersion.ts";
import { findProjectRoot } from "./project/findProjectRoot.ts";
import { colourful, createUi } from "./ui/createUi.ts";
import { paint } from "./ui/paint.ts";
import { errorDocument, renderError } from "./ui/renderError.ts";
import { toJson } from "./ui/toJson.ts";

const EXIT_INTERRUPTED = 130; // 128 + SIGINT, as shells count
const NOTHING_GIVEN: GlobalOptions = { json: false, yes: false, quiet: false, logLevel: "info", projectRoot: undefined };
const INTERRUPTED = Symbol("interrupted");

/** Builds the program, runs one command, renders one error. Gives the exit code: 0 done, 1 failed, 2 wrong usage, 130 interrupted. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  const end = argv.indexOf("--");
  let options: GlobalOptions = { ...NOTHING_GIVEN, json: (end < 0 ? argv : argv.slice(0, end)).includes("--json") };
  try {
    const installation = installationFolder();
    const parsed = parseCommandLine(commands, icxVersion(installation), argv, io.stdout.columns ?? 80);
    if (parsed.kind === "print") {
      io.stdout.write(parsed.text.endsWith("\n") ? parsed.text : `${parsed.text}\n`);
      return 0;
    }
    options = parsed.globals;
    const ui = createUi(io, options);
    ui.trace?.room("door", "parsed", { command: parsed.row.path });
    const endings: (() => Promise<void>)[] = [];
    try {
      const work = parsed.run({ io: withProjectHome(io, options), ui, options, installation, atEnd: (ending) => { endings.push(ending); } });
      const ended = parsed.row.endsItself ? await work : await Promise.race([work, interruption(io.interrupted)]);
      return ended === INTERRUPTED || (io.interrupted.aborted && !parsed.row.endsItself) ? EXIT_INTERRUPTED : ended ?? 0;
    } finally {
      for (let ending = endings.pop(); ending !== undefined; ending = endings.pop()) await ending();
    }
  } catch (thrown) {
    if (io.interrupted.aborted) return EXIT_INTERRUPTED;
    const error = asIcxError(thrown);
    if (options.json) io.stdout.write(`${toJson(errorDocument(error))}\n`);
    else io.stderr.write(renderError(error, paint(colourful(io)), io.env["ICX_DEBUG"] === "1"));
    return error.exitCode;
  }
}

/** Runs the program in this process and ends it. */
export async function runAsProcess(argv: readonly string[]): Promise<void> {
  const controller = new AbortController();
  for (const signal of ENDING_SIGNALS) process.on(signal, () => controller.abort());
  const { stdin, stdout, stderr, env } = process;
  for (const stream of [stdout, stderr]) stream.on("error", (error: NodeJS.ErrnoException) => { if (error.code === "EPIPE") process.exit(0); });
  const code = await main(argv, { stdin, stdout, stderr, env, cwd: process.cwd(), interrupted: controller.signal });
  stdout.write("", () => stderr.write("", () => process.exit(code)));
}

function interruption(signal: AbortSignal): Promise<typeof INTERRUPTED> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(INTERRUPTED);
    else signal.addEventListener("abort", () => resolve(INTERRUPTED), { once: true });
  });
}

/** Keys go to the project's own folder where the user's cannot be written. */
function withProjectHome(io: Io, options: GlobalOptions): Io {
  const root = findProjectRoot({ io, options });
  return root === undefined ? io : { ...io, env: { ...io.env, [PROJECT_HOME]: projectHome(root) } };
}

function asIcxError(thrown: unknown): IcxError {
  if (thrown instanceof IcxError) return thrown;
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return new IcxError(ERRORS.internal.unexpected, { reason }, { cause: thrown });
}

/** The nearest folder above this file that holds package.json: the same from sources and from a bundle. */
function installationFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json")) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}
