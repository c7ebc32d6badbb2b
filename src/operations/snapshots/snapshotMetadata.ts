/** `metadata.json` of a downloaded snapshot, as icp-cli and dfx write it: 64-bit numbers are JSON numbers, bytes are lists of numbers. */
type Opt<T> = readonly [] | readonly [T];
type Variant = Readonly<Record<string, unknown>>;

/** What `read_canister_snapshot_metadata` answers, in the form of `@dfinity/candid` (interface spec 0.60). */
export interface SnapshotMetadata {
  readonly source: Variant;
  readonly taken_at_timestamp: bigint;
  readonly wasm_module_size: bigint;
  readonly globals: readonly Variant[];
  readonly wasm_memory_size: bigint;
  readonly stable_memory_size: bigint;
  readonly wasm_chunk_store: readonly { readonly hash: Uint8Array }[];
  readonly canister_version: bigint;
  readonly certified_data: Uint8Array;
  readonly global_timer: Opt<Variant>;
  readonly on_low_wasm_memory_hook_status: Opt<Variant>;
}

const bytesOf = (bytes: Uint8Array): number[] => [...bytes];
/** A variant without a value is its name. */
const bare = ([variant]: Opt<Variant>): unknown => { if (variant === undefined) return null; const [[name, value]] = Object.entries(variant) as [[string, unknown]]; return value === null ? name : variant; };

/** The text of `metadata.json`. A float that is no number becomes null, as serde writes it. */
export function printMetadata(metadata: SnapshotMetadata): string {
  const document = {
    source: metadata.source, taken_at_timestamp: metadata.taken_at_timestamp, wasm_module_size: metadata.wasm_module_size, globals: metadata.globals, wasm_memory_size: metadata.wasm_memory_size,
    stable_memory_size: metadata.stable_memory_size, wasm_chunk_store: metadata.wasm_chunk_store.map(({ hash }) => ({ hash: bytesOf(hash) })), canister_version: metadata.canister_version,
    certified_data: bytesOf(metadata.certified_data), global_timer: bare(metadata.global_timer), on_low_wasm_memory_hook_status: bare(metadata.on_low_wasm_memory_hook_status),
  };
  return `${JSON.stringify(document, (_, value: unknown) => (typeof value === "bigint" ? rawJson(value.toString()) : value), 2)}\n`;
}

/** Reads `metadata.json`; the problem as text when it is none. */
export function parseMetadata(text: string): SnapshotMetadata | { readonly problem: string } {
  let document: unknown;
  try { document = parseExact(text); } catch (error) { return { problem: error instanceof Error ? error.message : String(error) }; }
  try { return metadataOf(recordOf(document, "the document")); } catch (error) {
    if (error instanceof Misfit) return { problem: error.message };
    throw error;
  }
}

class Misfit extends Error {}
type Fields = Readonly<Record<string, unknown>>;
const misfit = (place: string, expected: string): never => { throw new Misfit(`${place} is not ${expected}`); };
const recordOf = (value: unknown, place: string): Fields => (typeof value === "object" && value !== null && !Array.isArray(value) ? value as Fields : misfit(place, "an object"));
const listOf = (value: unknown, place: string): readonly unknown[] => (Array.isArray(value) ? value : misfit(place, "a list"));
const natural = (value: unknown, place: string, bits = 64n): bigint => (typeof value === "bigint" && value >= 0n && value >> bits === 0n ? value : misfit(place, `a whole number of ${bits} bits`));
const signed = (value: unknown, place: string, bits: number): bigint => (typeof value === "bigint" && BigInt.asIntN(bits, value) === value ? value : misfit(place, `a signed number of ${bits} bits`));
const blobOf = (value: unknown, place: string, bytesMax: number): Uint8Array => {
  const list = listOf(value, place);
  return list.length <= bytesMax ? Uint8Array.from(list, (byte, at) => Number(natural(byte, `${place}[${at}]`, 8n))) : misfit(place, `at most ${bytesMax} bytes`);
};

function globalOf(value: unknown, place: string): Variant {
  const [entry, ...more] = Object.entries(recordOf(value, place));
  if (entry === undefined || more.length > 0) return misfit(place, "one value with its type");
  const [type, bits] = entry, at = `${place}.${type}`;
  switch (type) {
    case "i32": return { i32: Number(signed(bits, at, 32)) };
    case "i64": return { i64: signed(bits, at, 64) };
    case "v128": return { v128: natural(bits, at, 128n) };
    case "f32": case "f64": return { [type]: bits === null ? NaN : typeof bits === "bigint" || typeof bits === "number" ? Number(bits) : misfit(at, "a number") };
    default: return misfit(place, "i32, i64, f32, f64 or v128");
  }
}

/** A variant by its bare name, or by an object with one value. */
function variantOf(value: unknown, place: string, bareNames: readonly string[], valued?: string): Opt<Variant> {
  if (value === null || value === undefined) return [];
  if (typeof value === "string" && bareNames.includes(value)) return [{ [value]: null }];
  const [name, content] = typeof value === "object" ? Object.entries(value)[0] ?? [] : [];
  if (name !== undefined && bareNames.includes(name) && content === null) return [{ [name]: null }];
  if (name !== undefined && name === valued) return [{ [name]: natural(content, `${place}.${name}`) }];
  return misfit(place, `one of ${[...bareNames, ...(valued === undefined ? [] : [valued])].join(", ")}`);
}

function metadataOf(fields: Fields): SnapshotMetadata {
  const size = (name: string): bigint => natural(fields[name], name), [source] = variantOf(fields["source"] ?? "taken_from_canister", "source", ["taken_from_canister", "metadata_upload"]);
  return {
    source: source!, taken_at_timestamp: size("taken_at_timestamp"), wasm_module_size: size("wasm_module_size"), wasm_memory_size: size("wasm_memory_size"), stable_memory_size: size("stable_memory_size"),
    canister_version: size("canister_version"), globals: listOf(fields["globals"], "globals").map((value, at) => globalOf(value, `globals[${at}]`)),
    wasm_chunk_store: listOf(fields["wasm_chunk_store"], "wasm_chunk_store").map((chunk, at) => ({ hash: blobOf(recordOf(chunk, `wasm_chunk_store[${at}]`)["hash"], `wasm_chunk_store[${at}].hash`, 32) })),
    certified_data: blobOf(fields["certified_data"], "certified_data", 32), global_timer: variantOf(fields["global_timer"], "global_timer", ["inactive"], "active"),
    on_low_wasm_memory_hook_status: variantOf(fields["on_low_wasm_memory_hook_status"], "on_low_wasm_memory_hook_status", ["condition_not_satisfied", "ready", "executed"]),
  };
}

interface ExactJson { parse(text: string, reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown): unknown; rawJSON(text: string): unknown }
const exact = JSON as unknown as ExactJson; // ES2025: the source of a number, and numbers as they are
const rawJson = (text: string): unknown => exact.rawJSON(text);
/** Whole numbers become bigint: doubles would round nanoseconds. */
const parseExact = (text: string): unknown => exact.parse(text, (_, value, { source }) => (typeof value === "number" && source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value));
