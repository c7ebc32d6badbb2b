/** A whole number with `_` between groups of three digits: `-1_000`. */
export function groupedText(value: number | bigint): string {
  const digits = String(value), begin = digits.startsWith("-") ? 1 : 0, first = (digits.length - begin) % 3 + begin;
  if (digits.length - begin <= 3) return digits;
  const groups = first === begin ? [] : [digits.slice(begin, first)];
  for (let at = first; at < digits.length; at += 3) groups.push(digits.slice(at, at + 3));
  return digits.slice(0, begin) + groups.join("_");
}

/** A float in plain digits, as `icp` prints it: the shortest that mean this value in its width, never an exponent, `.0` for whole numbers. */
export function floatText(value: number, bits: 32 | 64): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
  const sign = value < 0 || Object.is(value, -0) ? "-" : "", { digits, exponent } = shortest(Math.abs(value), bits);
  if (exponent <= 0) return `${sign}0.${"0".repeat(-exponent)}${digits}`; // digits stand for 0.digits × 10^exponent
  if (exponent >= digits.length) return `${sign}${digits.padEnd(exponent, "0")}.0`;
  return `${sign}${digits.slice(0, exponent)}.${digits.slice(exponent)}`;
}

function shortest(value: number, bits: 32 | 64): { readonly digits: string; readonly exponent: number } {
  if (value === 0) return { digits: "0", exponent: 1 };
  const same = (text: string): boolean => Math.fround(Number(text)) === value;
  let text = value.toExponential();
  if (bits === 32) for (let digits = 0; digits < 10; digits++) { const candidate = value.toExponential(digits); if (same(candidate)) { text = candidate; break; } }
  const [mantissa, power] = text.split("e") as [string, string];
  return { digits: mantissa.replace(".", "").replace(/0+$/, "") || "0", exponent: Number(power) + 1 };
}
