import { InvalidArgumentError } from "commander";
import type { ArgumentSpec, OptionSpec } from "./defineCommand.ts";

const same = (text: string): string => text;

/** A required argument. */
export const arg = (name: string, summary: string): ArgumentSpec<string> => ({ name, summary, arity: "one", parse: same });
/** An argument that may be left out. */
export const optionalArg = (name: string, summary: string): ArgumentSpec<string | undefined> => ({ name, summary, arity: "optional", parse: same });
/** The rest of the arguments, possibly none. */
export const manyArgs = (name: string, summary: string): ArgumentSpec<readonly string[]> => ({ name, summary, arity: "many", parse: same });
/** An option without a value. */
export const flag = (flags: string, summary: string): OptionSpec<boolean> => ({ flags, summary, default: false });
/** An option with a text. */
export const text = (flags: string, summary: string): OptionSpec<string | undefined> => ({ flags, summary });
/** An option with one of a few words. */
export const choice = <const W extends string>(flags: string, summary: string, choices: readonly W[]): OptionSpec<W | undefined> =>
  ({ flags, summary, choices, parse: (word) => choices.find((known) => known === word) });
/** A TCP port; 0 asks for any free one. */
export const port = (flags: string, summary: string): OptionSpec<number | undefined> => ({ flags, summary, parse: parsePort });

/** @throws InvalidArgumentError for anything but 0 to 65535. */
export function parsePort(value: string): number {
  const number = Number(value);
  if (!/^\d{1,5}$/.test(value) || number > 65_535) throw new InvalidArgumentError("A port is a number from 0 to 65535.");
  return number;
}

const SUFFIXES: Readonly<Record<string, bigint>> = { "": 1n, k: 1_000n, m: 1_000_000n, b: 1_000_000_000n, t: 1_000_000_000_000n };

/** An amount of cycles with the suffixes k, m, b, t and `_` between digits: `1_000`, `0.5t`. @throws InvalidArgumentError */
export function parseCycles(value: string): bigint {
  const match = /^([\d_]+)(?:\.(\d+))?([kmbt]?)$/i.exec(value);
  if (match === null) throw new InvalidArgumentError("An amount is a number, with k, m, b or t for thousands, millions, billions, trillions.");
  const unit = SUFFIXES[match[3]!.toLowerCase()]!, fraction = match[2] ?? "", scale = 10n ** BigInt(fraction.length);
  const whole = BigInt(match[1]!.replaceAll("_", "")) * scale + BigInt(fraction === "" ? 0 : fraction);
  if ((whole * unit) % scale !== 0n) throw new InvalidArgumentError("An amount is a whole number of cycles.");
  return (whole * unit) / scale;
}
/** An amount of cycles. */
export const cycles = (flags: string, summary: string): OptionSpec<bigint | undefined> => ({ flags, summary, parse: parseCycles });
