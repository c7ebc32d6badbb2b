const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/** A size for people: 66255 → `64.7 KiB`. */
export function sizeText(bytes: bigint): string {
  let unit = 0, size = Number(bytes);
  while (size >= 1_024 && unit < UNITS.length - 1) { size /= 1_024; unit++; }
  return `${unit === 0 ? size : size.toFixed(1)} ${UNITS[unit]}`;
}

/** A moment in nanoseconds since 1970, to the second: `2026-01-31 12:00:00 UTC`. */
export const takenText = (nanos: bigint): string => `${new Date(Number(nanos / 1_000_000n)).toISOString().slice(0, 19).replace("T", " ")} UTC`;
