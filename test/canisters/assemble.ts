import { readFileSync } from "node:fs";
import wabt from "wabt";

/** Assembles WebAssembly text; the features are those that the Internet Computer accepts. With `names` the functions keep theirs, and traps tell them. */
export async function assemble(wat: string, name = "test.wat", names = true): Promise<Uint8Array> {
  const module = (await wabt()).parseWat(name, wat, { memory64: true, bulk_memory: true, simd: true, tail_call: true, reference_types: true, multi_value: true, sign_extension: true, sat_float_to_int: true, mutable_globals: true });
  try { return Uint8Array.from(module.toBinary({ write_debug_names: names }).buffer); } finally { module.destroy(); }
}

/** The module with a custom section appended: `icp:public candid:service` and the like. */
export function withCustomSection(module: Uint8Array, name: string, content: Uint8Array): Uint8Array {
  const leb = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)]);
  const label = Buffer.from(name);
  const body = Buffer.concat([Buffer.from(leb(label.length)), label, content]);
  return Uint8Array.from(Buffer.concat([module, Buffer.from([0, ...leb(body.length)]), body]));
}

export const COUNTER_CANDID = "service : { increment : (nat) -> (nat); get : () -> (nat) query }";

/** `counter.wat` with its candid interface as public metadata. */
export async function counterModule(): Promise<Uint8Array> {
  const wat = readFileSync(new URL("counter.wat", import.meta.url), "utf8");
  return withCustomSection(await assemble(wat, "counter.wat"), "icp:public candid:service", Buffer.from(COUNTER_CANDID));
}
