import type { CommandContext } from "../context/context.ts";

/** A positional argument: how it is called and what its text becomes. */
export interface ArgumentSpec<T> { readonly name: string; readonly summary: string; readonly arity: "one" | "optional" | "many"; readonly parse: (text: string) => T | string }
/** An option: commander's flags, and what its text becomes. A flag has no value. */
export interface OptionSpec<T> { readonly flags: string; readonly summary: string; readonly parse?: (text: string) => T; readonly default?: T; readonly hidden?: boolean; readonly choices?: readonly string[]; /** Its values are collected in a list. */ readonly repeats?: boolean; readonly mandatory?: boolean }

type Input<A, O> = { readonly [K in keyof A]: A[K] extends ArgumentSpec<infer T> ? T : never } & { readonly [K in keyof O]: O[K] extends OptionSpec<infer T> ? T : never };

/** One verb as the program sees it; the types of its input have been checked where it was defined. */
export interface CommandRow {
  readonly path: string;
  /** Other spellings: the short forms and those of dfx. */
  readonly aliases: readonly string[];
  readonly summary: string;
  readonly description: string;
  readonly examples: readonly string[];
  readonly args: Readonly<Record<string, ArgumentSpec<unknown>>>;
  readonly options: Readonly<Record<string, OptionSpec<unknown>>>;
  /** Ends by itself when interrupted (it has something to save); others are ended. */
  readonly endsItself: boolean;
  readonly hidden: boolean;
  /** Resolves to the exit code where the result alone decides it; nothing is 0. */
  readonly run: (input: Readonly<Record<string, unknown>>, context: CommandContext, rows: readonly CommandRow[]) => Promise<number | void>;
}

/** A row of the command table. The definition is cheap; the work is imported when it runs. */
export function defineCommand<const A extends Record<string, ArgumentSpec<unknown>>, const O extends Record<string, OptionSpec<unknown>>>(spec: {
  readonly path: string; readonly aliases?: readonly string[]; readonly summary: string; readonly description?: string; readonly examples: readonly string[];
  readonly args: A; readonly options: O; readonly endsItself?: boolean; readonly hidden?: boolean;
  /** `rows`: the whole table, for a verb about verbs. */
  readonly run: (input: Input<A, O>, context: CommandContext, rows: readonly CommandRow[]) => Promise<number | void>;
}): CommandRow {
  return {
    ...spec, aliases: spec.aliases ?? [], description: spec.description ?? `${spec.summary}.`, endsItself: spec.endsItself ?? false, hidden: spec.hidden ?? false,
    run: (input, context, rows) => spec.run(input as Input<A, O>, context, rows),
  };
}
