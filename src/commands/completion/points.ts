import type { Option } from "commander";
import type { CommandRow } from "../defineCommand.ts";
import { globalOptions, GROUPS, SHOWN_ALIASES } from "../program.ts";

/** What icx itself is asked for when it is wanted. Each answers at once: from files, or from a network that runs. */
export const ASKED = { canisters: "canister list --quiet", nodes: "node list --quiet --running", subnets: "subnet list --quiet --running" } as const;
export type Asked = keyof typeof ASKED;
export const isAsked = (values: string | readonly string[]): values is Asked => typeof values === "string" && Object.hasOwn(ASKED, values);

/** An option as a shell completes it. */
export interface CompletedOption { readonly long: string; readonly short: string | undefined; readonly summary: string; readonly takes: "nothing" | "text" | "file" | Asked; readonly choices: readonly string[] }
/** A place in the grammar: what may follow these words. */
export interface Point {
  /** `canister call`; empty for the program itself. */
  readonly words: string;
  readonly commands: readonly { readonly name: string; readonly summary: string }[];
  readonly options: readonly CompletedOption[];
  /** What its arguments are taken from. */
  readonly values: Asked | "files" | readonly string[];
}

/** All points, from the rows of the command table; hidden rows and options are left out. */
export function completionPoints(rows: readonly CommandRow[]): readonly Point[] {
  const leaves = rows.filter(({ hidden }) => !hidden).flatMap((row) => [row.path, ...row.aliases.filter((alias) => SHOWN_ALIASES.includes(alias))].map((path) => ({ path, row })));
  const groups = [...new Set(leaves.flatMap(({ path }) => path.split(" ").map((_, index, words) => words.slice(0, index).join(" "))))];
  const below = (group: string): Point["commands"] => {
    const depth = group === "" ? 0 : group.split(" ").length, found = new Map<string, string>();
    for (const { path, row } of leaves.filter((leaf) => group === "" || leaf.path.startsWith(`${group} `))) {
      const words = path.split(" "), name = words[depth]!;
      if (!found.has(name)) found.set(name, words.length === depth + 1 ? row.summary : GROUPS[name] ?? "");
    }
    return [...found].map(([name, summary]) => ({ name, summary }));
  };
  return [
    ...groups.map((words): Point => ({ words, commands: below(words), options: [HELP], values: [] })),
    ...leaves.map(({ path, row }): Point => ({ words: path, commands: [], options: [...optionsOf(row), ...globalOptions.filter(({ hidden }) => !hidden).map(fromCommander), HELP], values: valuesOf(row) })),
  ];
}

const HELP: CompletedOption = { long: "--help", short: "-h", summary: "show this help", takes: "nothing", choices: [] };

const optionsOf = ({ options }: CommandRow): readonly CompletedOption[] => Object.values(options).filter(({ hidden }) => hidden !== true)
  .map(({ flags, summary, choices = [] }) => ({ ...parsedFlags(flags), summary, choices }));
const fromCommander = ({ flags, description, argChoices = [] }: Option): CompletedOption => ({ ...parsedFlags(flags), summary: description, choices: argChoices });

/** `-m, --mode <mode>` in parts. What takes a file or folder says so in its placeholder. */
function parsedFlags(flags: string): Pick<CompletedOption, "long" | "short" | "takes"> {
  const [, short, long = "", placeholder] = /^(?:(-\w), )?(--[\w-]+)(?: <(.+)>)?$/.exec(flags) ?? [];
  return { long, short, takes: placeholder === undefined ? "nothing" : /file|folder/.test(placeholder) ? "file" : placeholder === "subnet" ? "subnets" : "text" };
}

function valuesOf({ args, path }: CommandRow): Point["values"] {
  const names = Object.values(args).map(({ name }) => name);
  if (names.includes("canister") || names.includes("names") || path === "canister link") return "canisters";
  if (names.includes("node") || names.includes("nodes")) return "nodes";
  if (names.includes("subnet")) return "subnets";
  if (path === "completion") return ["bash", "zsh", "fish", "powershell"];
  return names.some((name) => /file|folder/.test(name)) ? "files" : [];
}
