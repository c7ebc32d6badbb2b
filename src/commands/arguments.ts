import { InvalidArgumentError } from "commander";
import type { ArgumentSpec, OptionSpec } from "./defineCommand.ts";

const same = (text: string): string => text;

/** A required argument. */
export const arg = (name: string, summary: string): ArgumentSpec<string> => ({ name, summary, arity: "one", parse: same });
/** An argument that may be left out. */
export const optionalArg = (name: string, summary: string): ArgumentSpec<string | undefined> => ({ name, summary, arity: "optional", parse: same });
/** The rest of the arguments, possibly none. */
export const manyArgs = (name: string, summary: string): ArgumentSpec<readonly string[]> => ({ name, summary, arity: "many", parse: same });
/** A required amount of cycles. */
export const cyclesArg = (name: string, summary: string): ArgumentSpec<bigint> => ({ name, summary, arity: "one", parse: parseCycles });
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

/** A decimal number with a suffix, as a whole number of units; undefined if it is none, or no whole number. `_` may stand between digits. */
function parseScaled(value: string, scales: Readonly<Record<string, bigint>>): bigint | undefined {
  const match = /^(\d[\d_]*)(?:\.(\d+))?([a-z]*)$/i.exec(value.trim()), unit = match === null ? undefined : scales[match[3]!.toLowerCase()];
  if (match === null || unit === undefined) return undefined;
  const fraction = match[2] ?? "", scale = 10n ** BigInt(fraction.length), whole = BigInt(match[1]!.replaceAll("_", "")) * scale + BigInt(fraction === "" ? 0 : fraction);
  return (whole * unit) % scale === 0n ? (whole * unit) / scale : undefined;
}
const scaled = (scales: Readonly<Record<string, bigint>>, expected: string) => (value: string): bigint => {
  const found = parseScaled(value, scales);
  if (found === undefined) throw new InvalidArgumentError(expected);
  return found;
};

/** An amount of cycles with the suffixes k, m, b, t: `1_000`, `0.5t`. @throws InvalidArgumentError */
export const parseCycles: (value: string) => bigint = scaled({ "": 1n, k: 1_000n, m: 1_000_000n, b: 1_000_000_000n, t: 1_000_000_000_000n },
  "An amount is a whole number, with k, m, b or t for thousands, millions, billions, trillions.");
/** A size in bytes, as icp-cli writes it: `4gib`, `2.5kb`. @throws InvalidArgumentError */
export const parseBytes: (value: string) => bigint = scaled({ "": 1n, b: 1n, kb: 1_000n, kib: 1_024n, mb: 1_000_000n, mib: 1_048_576n, gb: 1_000_000_000n, gib: 1_073_741_824n },
  "A size is a number of bytes, with kb, mb, gb (thousands) or kib, mib, gib (1,024).");
/** A time span in seconds: `30d`, `600`. @throws InvalidArgumentError */
export const parseSeconds: (value: string) => bigint = scaled({ "": 1n, s: 1n, m: 60n, h: 3_600n, d: 86_400n, w: 604_800n },
  "A duration is a number of seconds, or ends in s, m, h, d or w.");
/** A whole number. @throws InvalidArgumentError */
export const parseWhole: (value: string) => bigint = scaled({ "": 1n }, "A whole number is expected.");
/** A share in percent, 0 to 100. @throws InvalidArgumentError */
export function parsePercent(value: string): bigint {
  const found = parseScaled(value, { "": 1n });
  if (found === undefined || found > 100n) throw new InvalidArgumentError("A percentage is a whole number from 0 to 100.");
  return found;
}

const DURATION_MAX_MS = 3_600_000;
/** A short time span, as milliseconds: `50ms`, `1.5s`. @throws InvalidArgumentError */
export function parseMilliseconds(value: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s)$/i.exec(value.trim()), found = match === null ? NaN : Number(match[1]) * (match[2]!.toLowerCase() === "s" ? 1_000 : 1);
  if (!(found <= DURATION_MAX_MS)) throw new InvalidArgumentError("A delay is a number that ends in ms or s, at most an hour.");
  return found;
}
/** A required short time span, in milliseconds. */
export const durationArg = (name: string, summary: string): ArgumentSpec<number> => ({ name, summary, arity: "one", parse: parseMilliseconds });

/** An option with a parsed value. */
const valued = <T>(parse: (text: string) => T) => (flags: string, summary: string): OptionSpec<T | undefined> => ({ flags, summary, parse });
/** An amount of cycles. */
export const cycles: (flags: string, summary: string) => OptionSpec<bigint | undefined> = valued(parseCycles);
/** A size in bytes. */
export const bytes: (flags: string, summary: string) => OptionSpec<bigint | undefined> = valued(parseBytes);
/** A time span in seconds. */
export const seconds: (flags: string, summary: string) => OptionSpec<bigint | undefined> = valued(parseSeconds);
/** A short time span, in milliseconds. */
export const duration: (flags: string, summary: string) => OptionSpec<number | undefined> = valued(parseMilliseconds);
/** A share in percent. */
export const percent: (flags: string, summary: string) => OptionSpec<bigint | undefined> = valued(parsePercent);
/** A whole number. */
export const whole: (flags: string, summary: string) => OptionSpec<bigint | undefined> = valued(parseWhole);
/** An option that may be given several times. */
export const texts = (flags: string, summary: string): OptionSpec<readonly string[]> => ({ flags, summary, repeats: true, default: [] });
/** An option that must be given. */
export const required = <T>(spec: OptionSpec<T | undefined>): OptionSpec<T> => ({ ...spec, mandatory: true } as OptionSpec<T>);
/** Another spelling of an option, absent from the help. */
export const hidden = <T>(spec: OptionSpec<T>): OptionSpec<T> => ({ ...spec, hidden: true });
