import type { ManifestNode } from "./manifestNode.ts";

type Units = Readonly<Record<string, bigint>>;
const SI: Units = { kb: 10n ** 3n, mb: 10n ** 6n, gb: 10n ** 9n, tb: 10n ** 12n, pb: 10n ** 15n }, BINARY: Units = { kib: 1n << 10n, mib: 1n << 20n, gib: 1n << 30n, tib: 1n << 40n, pib: 1n << 50n };
/** Units of icp.yaml (icp-cli, docs/reference/canister-settings.md). */
const MEMORY: Units = { "": 1n, kb: SI["kb"]!, mb: SI["mb"]!, gb: SI["gb"]!, kib: BINARY["kib"]!, mib: BINARY["mib"]!, gib: BINARY["gib"]! };
const CYCLES: Units = { "": 1n, k: 10n ** 3n, m: 10n ** 6n, b: 10n ** 9n, t: 10n ** 12n };
const DURATION: Units = { "": 1n, s: 1n, m: 60n, h: 3_600n, d: 86_400n, w: 604_800n };

/** Bytes as icp.yaml writes them: `2gib`, `2.5 mb`, `1_000`. */
export const memoryAmount = (node: ManifestNode): bigint | undefined => amount(node, MEMORY, true, "a whole number of bytes, with kb, kib, mb, mib, gb or gib if you like");
/** Cycles as icp.yaml writes them: `1.5t`. */
export const cyclesAmount = (node: ManifestNode): bigint | undefined => amount(node, CYCLES, true, "a whole number of cycles, with k, m, b or t if you like");
/** Seconds as icp.yaml writes them: `30d`; here `m` is a minute. */
export const durationAmount = (node: ManifestNode): bigint | undefined => amount(node, DURATION, false, "a whole number of seconds, with s, m, h, d or w if you like");

/** Bytes as dfx.json writes them: `"2 GiB"`. */
export const dfxBytes = (node: ManifestNode): bigint | undefined => amount(node, { "": 1n, b: 1n, ...SI, ...BINARY }, true, "a number of bytes, as in \"2 GiB\"");

const HUMAN_SECONDS: Units = Object.fromEntries(([
  [1n, ["s", "sec", "secs", "second", "seconds"]], [60n, ["m", "min", "mins", "minute", "minutes"]], [3_600n, ["h", "hr", "hrs", "hour", "hours"]], [86_400n, ["d", "day", "days"]],
  [604_800n, ["w", "wk", "wks", "week", "weeks"]], [2_630_016n, ["M", "month", "months"]], [31_557_600n, ["y", "yr", "yrs", "year", "years"]],
] as const).flatMap(([seconds, names]) => names.map((name) => [name, seconds] as const)));

/** Seconds as dfx.json writes them: a number, or words as in `"15days 2min"` (a month is 30.44 days there, a year 365.25). */
export function dfxDuration(node: ManifestNode): bigint | undefined {
  const text = node.optionalText()?.trim();
  if (text === undefined || /^\d+$/.test(text)) return text === undefined ? undefined : BigInt(text);
  const parts = [...text.matchAll(/(\d+)\s*([A-Za-z]+)\s*/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== text || parts.some(([, , unit]) => !Object.hasOwn(HUMAN_SECONDS, unit!))) throw node.fail("must be a number of seconds, or words as in \"30 days\"");
  return parts.reduce((sum, [, count, unit]) => sum + BigInt(count!) * HUMAN_SECONDS[unit!]!, 0n);
}

const DIGITS_MAX = 40; // more than any limit of the network has; a longer one would only cost time

/** A number with a unit, exactly: decimals are fine as long as the result is whole. */
function amount(node: ManifestNode, units: Units, decimals: boolean, what: string): bigint | undefined {
  const text = node.optionalText()?.trim();
  if (text === undefined) return undefined;
  const match = /^([\d_]+)(?:\.([\d_]+))?\s*([a-z]*)$/i.exec(text), unit = match?.[3]!.toLowerCase() ?? "";
  if (match === null || !/\d/.test(match[1]!) || text.length > DIGITS_MAX || !Object.hasOwn(units, unit) || (match[2] !== undefined && !decimals)) throw node.fail(`must be ${what}`);
  const fraction = (match[2] ?? "").replaceAll("_", ""), scale = 10n ** BigInt(fraction.length), scaled = BigInt(match[1]!.replaceAll("_", "") + fraction) * units[unit]!;
  if (scaled % scale !== 0n) throw node.fail(`must be ${what}`);
  return scaled / scale;
}
