import { Argument, Command, CommanderError, Option } from "commander";
import type { CommandContext, GlobalOptions, LogLevel } from "../context/context.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import type { CommandRow } from "./defineCommand.ts";
import { nearest } from "../errors/nearest.ts";

/** Options of every command. */
export const globalOptions: readonly Option[] = [
  new Option("--json", "one JSON document on stdout, errors included"),
  new Option("-y, --yes", "answer every question with yes"),
  new Option("-q, --quiet", "no progress on stderr"),
  new Option("--log-level <level>", "how much is told on stderr; debug shows the way of each request").choices(["error", "warn", "info", "debug"]).default("info"),
  new Option("--project-root <folder>", "the project's folder (else found from here upwards)").env("ICX_PROJECT_ROOT"),
  new Option("--project-root-override <folder>", "the same, as icp-cli spells it").hideHelp(),
  new Option("--debug", "as --log-level debug, as icp-cli spells it").hideHelp(),
  new Option("-v, --verbose", "as --log-level debug, as dfx spells it").hideHelp(),
];
/** The verbs that a bare `icx` shows. */
const FIRST = ["demo", "new", "start", "deploy", "canister call"];
/** Other spellings that help shows as well: the words of icp-cli whose short form is the row. */
export const SHOWN_ALIASES = ["network start", "network stop"];
/** What the words are about that commands stand below. */
export const GROUPS: Readonly<Record<string, string>> = { canister: "Work with canisters", network: "Start, stop and look at the local network", node: "Virtual nodes of the local network", subnet: "Subnets of the local network", identity: "Keys that sign your calls", settings: "Show and change a canister's settings", snapshot: "Save and restore a canister's state", environment: "What a project is deployed to", project: "What a project consists of" };

/** What a parsed command line asks for; nothing has run yet. */
export type Parsed =
  | { readonly kind: "run"; readonly row: CommandRow; readonly globals: GlobalOptions; readonly run: (context: CommandContext) => Promise<number | void> }
  | { readonly kind: "print"; readonly text: string };

/** Parses a command line. @throws IcxError with exit code 2 when it is not understood. */
export function parseCommandLine(rows: readonly CommandRow[], version: string, argv: readonly string[], columns: number): Parsed {
  let parsed: Parsed | undefined;
  const printed: string[] = [];
  const onMatch = (row: CommandRow, input: Readonly<Record<string, unknown>>, globals: GlobalOptions): void => {
    parsed = { kind: "run", row, globals, run: (context) => row.run(input, context, rows) };
  };
  const program = buildProgram(rows, version, columns, (text) => printed.push(text), onMatch);
  const unknown = unknownCommand(program, argv);
  if (unknown !== undefined) throw unknown;
  if (argv.length === 0) return { kind: "print", text: greeting(rows) };
  try {
    program.parse([...argv], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0 || error.code === "commander.help") return { kind: "print", text: printed.join("") };
    const command = ["icx", ...commandPath(program, argv)].join(" ");
    throw new IcxError(ERRORS.arguments.usage, { problem: sentence(error.message), command });
  }
  return parsed ?? { kind: "print", text: printed.join("") };
}

/** `error: missing required argument 'x'` → `Missing required argument 'x'.` */
function sentence(message: string): string {
  const lines = message.replace(/^error: /, "").split("\n").map((line) => line.replace(/^\((.*)\)$/, "$1").trim()).filter((line) => line !== "");
  return lines.map((line) => line.charAt(0).toUpperCase() + line.slice(1).replace(/[^.?!]$/, "$&.")).join(" ");
}

/** The full help of a command (or of the program, for an empty path), as documents and tests need it. */
export function helpText(rows: readonly CommandRow[], path: string): string {
  const program = buildProgram(rows, "", 80, () => undefined, () => undefined);
  return (find(program, path.split(" ").filter((word) => word !== "")) ?? program).helpInformation();
}

function buildProgram(rows: readonly CommandRow[], version: string, columns: number, print: (text: string) => void, onMatch: (row: CommandRow, input: Readonly<Record<string, unknown>>, globals: GlobalOptions) => void): Command {
  const program = new Command("icx").description("The Internet Computer on your machine: scaffold, build, deploy and call canisters, offline.");
  configure(program, columns, print);
  program.version(version, "-V, --version", "print the version").helpCommand("help [command]", "show help for a command");
  program.addHelpText("after", "\nExamples:\n  icx demo\n  icx new hello && cd hello\n");
  for (const row of rows) for (const [index, path] of [row.path, ...row.aliases].entries()) {
    const words = path.split(" ");
    let at = program;
    for (const word of words.slice(0, -1)) at = at.commands.find((command) => command.name() === word) ?? configure(at.command(word).summary(GROUPS[word] ?? "").description(GROUPS[word] ?? ""), columns, print);
    addRow(configure(at.command(words.at(-1)!, { hidden: row.hidden || (index > 0 && !SHOWN_ALIASES.includes(path)) }), columns, print), row, onMatch);
  }
  return program;
}

function configure(command: Command, columns: number, print: (text: string) => void): Command {
  return command.exitOverride().showSuggestionAfterError(true).configureHelp({ helpWidth: Math.min(columns, 100), minWidthToWrap: 20 })
    .configureOutput({ writeOut: print, writeErr: print, outputError: () => undefined }).helpOption("-h, --help", "show this help");
}

function addRow(command: Command, row: CommandRow, onMatch: (row: CommandRow, input: Readonly<Record<string, unknown>>, globals: GlobalOptions) => void): void {
  command.summary(row.summary).description(row.description);
  for (const spec of Object.values(row.args)) {
    const name = spec.arity === "one" ? `<${spec.name}>` : spec.arity === "optional" ? `[${spec.name}]` : `[${spec.name}...]`;
    const argument = new Argument(name, spec.summary), { parse } = spec;
    command.addArgument(spec.arity === "many" ? argument : argument.argParser((value: string) => parse(value)));
  }
  const keys = new Map<string, string>();
  for (const [key, spec] of Object.entries(row.options)) {
    const option = new Option(spec.flags, spec.summary).hideHelp(spec.hidden ?? false);
    if (spec.choices !== undefined) option.choices([...spec.choices]);
    else if (spec.repeats === true) option.argParser((value: string, before: readonly string[] | undefined) => [...(before ?? []), value]);
    else if (spec.parse !== undefined) { const parse = spec.parse; option.argParser((value: string) => parse(value)); }
    if (spec.default !== undefined && spec.default !== false && spec.repeats !== true) option.default(spec.default);
    command.addOption(option.makeOptionMandatory(spec.mandatory === true));
    keys.set(key, option.attributeName());
  }
  for (const option of globalOptions) command.addOption(option);
  command.addHelpText("after", `\nExamples:\n${row.examples.map((example) => `  ${example}`).join("\n")}\n`);
  command.action((...actual: readonly unknown[]) => {
    const names = Object.keys(row.args), options = command.opts<Record<string, unknown>>();
    const input = {
      ...Object.fromEntries(names.map((name, index) => [name, actual[index] ?? (row.args[name]!.arity === "many" ? [] : undefined)])),
      ...Object.fromEntries([...keys].map(([key, attribute]) => [key, options[attribute] ?? row.options[key]!.default])),
    };
    onMatch(row, input, globalsOf(options));
  });
}

function globalsOf(options: Readonly<Record<string, unknown>>): GlobalOptions {
  const given = (name: string): boolean => options[name] === true;
  return {
    json: given("json"), yes: given("yes"), quiet: given("quiet"), logLevel: given("debug") || given("verbose") ? "debug" : options["logLevel"] as LogLevel,
    projectRoot: (options["projectRootOverride"] ?? options["projectRoot"]) as string | undefined,
  };
}

const find = (program: Command, words: readonly string[]): Command | undefined =>
  words.reduce<Command | undefined>((at, word) => at?.commands.find((command) => command.name() === word), program);

/** The longest beginning of the command line that names a command. */
function commandPath(program: Command, argv: readonly string[]): string[] {
  const path: string[] = [];
  for (const word of argv) {
    if (find(program, [...path, word]) === undefined) break;
    path.push(word);
  }
  return path;
}

/** A word where a verb belongs that is none: with the nearest one as advice. */
function unknownCommand(program: Command, argv: readonly string[]): IcxError | undefined {
  const path = commandPath(program, argv), at = find(program, path)!, word = argv[path.length];
  if (word === undefined || word.startsWith("-") || at.commands.length === 0 || word === "help") return undefined;
  const known = at.commands.map((command) => command.name()), close = nearest(word, known);
  const suggestion = close === undefined ? `\`${["icx", ...path].join(" ")} --help\` lists the commands.` : `Did you mean \`${["icx", ...path, close].join(" ")}\`?`;
  return new IcxError(ERRORS.arguments.unknownCommand, { command: ["icx", ...path, word].join(" "), suggestion });
}

function greeting(rows: readonly CommandRow[]): string {
  const first = FIRST.flatMap((path) => rows.filter((row) => row.path === path));
  const width = Math.max(...first.map((row) => row.path.length)) + 4;
  return ["icx: the Internet Computer on your machine", "", ...first.map((row) => `  icx ${row.path.padEnd(width)}${row.summary}`), "",
    "  icx --help".padEnd(width + 6) + "every command", ""].join("\n");
}
