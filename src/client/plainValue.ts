import { Principal } from "@dfinity/principal";

/** A decoded value for JSON: numbers of any size as text of digits, bytes as hex, principals as text; `opt` stays a list of none or one. */
export function plainValue(value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  if (value instanceof Principal) return value.toText();
  if (Array.isArray(value)) return value.map(plainValue);
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as Iterable<unknown>, plainValue);
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  return value !== null && typeof value === "object" ? Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plainValue(part)])) : value;
}
