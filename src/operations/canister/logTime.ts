import { ERRORS } from "../../errors/catalogue.ts";
import { IcxError } from "../../errors/icxError.ts";

const NANOS_PER_MS = 1_000_000n, NANOS_PER_SECOND = 1_000_000_000n;
const SECONDS: Readonly<Record<string, bigint>> = { s: 1n, m: 60n, h: 3_600n, d: 86_400n, w: 604_800n };

/** A moment in nanoseconds since 1970: a count of them, RFC 3339, or a time span back from now such as `5m`. @throws IcxError ICX5001 */
export function parseMoment(text: string, option: string, nowMs: number): bigint {
  if (/^\d+$/.test(text)) return BigInt(text);
  const span = /^(\d+)([smhdw])$/.exec(text);
  if (span !== null) return BigInt(nowMs) * NANOS_PER_MS - BigInt(span[1]!) * SECONDS[span[2]!]! * NANOS_PER_SECOND;
  const moment = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(moment)) throw new IcxError(ERRORS.arguments.usage, { problem: `\`${option} ${text}\` is no time: give nanoseconds since 1970, RFC 3339 such as 2026-01-31T12:00:00Z, or a time span such as 5m.`, command: "icx canister logs" });
  return BigInt(moment) * NANOS_PER_MS;
}

/** RFC 3339 in UTC with the nanoseconds that are not zero. */
export function momentText(nanos: bigint): string {
  const whole = new Date(Number(nanos / NANOS_PER_MS)).toISOString().slice(0, 19), fraction = (nanos % NANOS_PER_SECOND).toString().padStart(9, "0").replace(/0+$/, "");
  return `${whole}${fraction === "" ? "" : `.${fraction}`}Z`;
}
