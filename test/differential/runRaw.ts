import { hostBytes } from "./interpreter.ts";
import type { Program } from "./program.ts";

const NAMES: Readonly<Record<string, string>> = {
  unreachable: "unreachable", "memory access out of bounds": "heap out of bounds", "data segment out of bounds": "heap out of bounds", "divide by zero": "integer division by 0",
  "remainder by zero": "integer division by 0", "divide result unrepresentable": "unknown", "float unrepresentable in integer range": "unknown", "table index is out of bounds": "table out of bounds",
  "table access out of bounds": "table out of bounds", "element segment out of bounds": "table out of bounds",
};

/** What V8 makes of the module as it was written. */
export function runRaw(bytes: Uint8Array, program: Program, pages: number): { readonly error: string | undefined; readonly memory: Buffer; readonly shown: readonly bigint[] } {
  const shown: bigint[] = [], whole = (value: number | bigint): number => (typeof value === "bigint" ? Number(BigInt.asUintN(64, value)) : value >>> 0);
  const ic0 = {
    msg_arg_data_copy: (to: number | bigint, offset: number | bigint, size: number | bigint) => {
      const { buffer } = memory();
      if (whole(to) + whole(size) > buffer.byteLength) throw new RangeError("host write");
      new Uint8Array(buffer).set(hostBytes(whole(offset), whole(size)), whole(to));
    },
    performance_counter: () => 0n, msg_reply: () => undefined, stable64_write: (...values: bigint[]) => { shown.push(...values); },
  };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes as BufferSource), { ic0 }), memory = (): WebAssembly.Memory => exports.memory as WebAssembly.Memory;
  let error: string | undefined;
  try { (exports["canister_update shown"] as () => void)(); } catch (thrown) {
    const { message } = thrown as Error, name = message === "host write" ? "heap out of bounds" : NAMES[message] ?? (/signature mismatch/.test(message) ? "unknown" : message);
    error = `IC0502 Canister trapped: ${name}`;
  }
  const { buffer } = memory(), size = Math.min(pages * 65_536, buffer.byteLength - program.window);
  return { error, shown, memory: Buffer.from(Buffer.from(buffer, program.window, size)) };
}
