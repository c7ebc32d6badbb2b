import type { ImportHandlers, ImportSignature, ValueType, WasmMemory } from "../../interfaces/wasm.ts";
import { assert } from "../../types/index.ts";

type WasmValue = number | bigint;
type Convert = (value: never) => WasmValue;
/** The message that runs now: where its system calls go. */
export interface Current { handlers: ImportHandlers; memory: WasmMemory; /** The system call made last. */ call: string | undefined }

const unsigned32 = (value: number): number => value >>> 0;
const unsigned64 = (value: bigint): bigint => BigInt.asUintN(64, value);
/** Design §3.5: addresses and sizes reach a handler as exact numbers; those beyond 2^53 as a number beyond every memory and every limit. */
const pointer64 = (value: bigint): number => Math.min(Number(BigInt.asUintN(64, value)), Number.MAX_SAFE_INTEGER);
const environment32 = (value: number): bigint => BigInt(value >>> 0);

function converter(type: ValueType, is64: boolean): Convert {
  if (type === "i32" || (type === "I" && !is64)) return unsigned32 as Convert;
  if (type === "i64" || (type === "E" && is64)) return unsigned64 as Convert;
  return (type === "I" ? pointer64 : environment32) as Convert;
}

/** The stub of one system call: converts arguments by the row and calls the handler of the message that runs. */
function stub(row: ImportSignature, is64: boolean, current: Current): (...args: never[]) => WasmValue | void {
  const { name } = row, [a, b, c] = row.params.map((type) => converter(type, is64)), all = row.params.map((type) => converter(type, is64));
  const result = row.results[0], wideResult = result === "i64" || ((result === "I" || result === "E") && is64);
  type Handler = (memory: WasmMemory, ...args: WasmValue[]) => WasmValue | void;
  const handler = (): Handler => {
    current.call = name;
    const found = current.handlers[name];
    assert(found !== undefined, `system call ${name} has a handler`);
    return found as unknown as Handler;
  };
  const back = (value: WasmValue | void): WasmValue | void => (wideResult && typeof value === "number" ? BigInt(value) : !wideResult && typeof value === "bigint" ? Number(BigInt.asIntN(32, value)) : value);
  switch (row.params.length) {
    case 0: return () => back(handler()(current.memory));
    case 1: return (x: never) => back(handler()(current.memory, a!(x)));
    case 2: return (x: never, y: never) => back(handler()(current.memory, a!(x), b!(y)));
    case 3: return (x: never, y: never, z: never) => back(handler()(current.memory, a!(x), b!(y), c!(z)));
    default: return (...args: never[]) => back(handler()(current.memory, ...args.map((value, i) => all[i]!(value))));
  }
}

/** The `ic0` import object of an instance. */
export function importObject(imports: readonly ImportSignature[], is64: boolean, current: Current): Record<string, WebAssembly.ImportValue> {
  return Object.fromEntries(imports.map((row) => [row.name, stub(row, is64, current) as WebAssembly.ImportValue]));
}
