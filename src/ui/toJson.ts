/** JSON of any result: bigint as a decimal string, bytes as hex. */
export const toJson = (value: unknown): string =>
  JSON.stringify(value, (_, item: unknown) => (typeof item === "bigint" ? item.toString() : item instanceof Uint8Array ? Buffer.from(item).toString("hex") : item));
