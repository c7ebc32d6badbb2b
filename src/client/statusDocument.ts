import { Cbor } from "@dfinity/agent";

/** What a network says of itself at `/api/v2/status` (interface spec, "Request: Status"); undefined for bytes that are no such document. */
export function statusDocument(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const found = Cbor.decode<unknown>(bytes);
    if (found === null || typeof found !== "object" || Array.isArray(found)) return undefined;
    return Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => [key, value instanceof Uint8Array ? [...value] : typeof value === "bigint" ? Number(value) : value]));
  } catch { return undefined; }
}
