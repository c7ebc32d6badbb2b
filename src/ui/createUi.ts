import { createInterface } from "node:readline/promises";
import type { GlobalOptions, Ui } from "../context/context.ts";
import type { Io } from "../context/io.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { createTrace } from "./createTrace.ts";
import { paint, type Paint } from "./paint.ts";
import { renderProgress } from "./renderProgress.ts";
import { toJson } from "./toJson.ts";

/** Chooses how to speak from the streams and the environment: never a prompt, a colour or a redraw where nobody watches. */
export function createUi(io: Io, options: Pick<GlobalOptions, "json" | "yes" | "quiet" | "logLevel">): Ui {
  const watched = io.stdout.isTTY === true && io.env["CI"] === undefined && io.env["TERM"] !== "dumb";
  const mode = options.json ? "json" : watched ? "terminal" : "plain";
  const colours: Paint = paint(colourful(io)), quiet = options.quiet || options.logLevel === "warn";
  return {
    mode,
    report: (event) => {
      if (options.logLevel === "error" || (quiet && event.kind !== "warning")) return;
      if (event.kind === "output" && io.stderr.isTTY !== true && options.logLevel !== "debug") return;
      const line = renderProgress(event, colours);
      if (line !== undefined) io.stderr.write(`${line}\n`);
    },
    show: ({ text, data }) => write(io, options.json ? toJson(data) : text),
    stream: ({ text, data }) => write(io, options.json ? toJson(data) : text),
    ...(options.logLevel === "debug" && { trace: createTrace((text) => { io.stderr.write(text); }) }),
    confirm: (question) => confirm(io, options, question),
  };
}

/** NO_COLOR (https://no-color.org) and CI switch colour off. */
export function colourful(io: Io): boolean {
  return io.stderr.isTTY === true && (io.env["NO_COLOR"] ?? "") === "" && io.env["CI"] === undefined && io.env["TERM"] !== "dumb";
}

function write(io: Io, text: string): void {
  if (text !== "") io.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
}

async function confirm(io: Io, options: Pick<GlobalOptions, "json" | "yes">, question: string): Promise<void> {
  if (options.yes) return;
  if (options.json || io.stdin.isTTY !== true || io.stderr.isTTY !== true) throw new IcxError(ERRORS.arguments.needsConfirmation, { question });
  const lines = createInterface({ input: io.stdin });
  try {
    io.stderr.write(`${question} [y/N] `);
    const answer = await new Promise<string>((done, failed) => {
      lines.once("line", done); // a last line without its end
      lines.once("close", () => setImmediate(done, "")); // the end of the input is no answer
      lines.question("", { signal: io.interrupted }).then(done, failed);
    });
    if (!/^y(es)?$/i.test(answer.trim())) throw new IcxError(ERRORS.arguments.declined);
  } finally { lines.close(); }
}
