import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { createWasmEngine } from "../../../../../src/replica/execution/wasm/createWasmEngine.ts";
import type { ImportSignature, ValueType, WasmMemory } from "../../../../../src/replica/interfaces/wasm.ts";
import { Trap } from "../../../../../src/replica/interfaces/wasm.ts";
import { userError } from "../../../../../src/replica/types/index.ts";
import { Canister } from "./fixture.ts";

interface MotokoCompiler { write(path: string, text: string): void; wasm(path: string, mode: "ic"): { readonly wasm: Uint8Array } }
const compiler = createRequire(import.meta.url)("motoko") as MotokoCompiler & { readonly default?: MotokoCompiler };

const row = (name: string, params = "", results = ""): ImportSignature => {
  const types = (text: string): ValueType[] => text.split(" ").filter((type) => type !== "") as ValueType[];
  return { name, params: types(params), results: types(results) };
};
const ROWS: readonly ImportSignature[] = [
  row("call_data_append", "I I"), row("call_cycles_add128", "i64 i64"), row("call_with_best_effort_response", "i32"), row("call_new", "I I I I E E E E"), row("call_perform", "", "i32"),
  row("call_on_cleanup", "E E"), row("canister_self_copy", "I I I"), row("canister_self_size", "", "I"), row("canister_status", "", "i32"), row("is_controller", "I I", "i32"),
  row("debug_print", "I I"), row("msg_arg_data_copy", "I I I"), row("msg_arg_data_size", "", "I"), row("msg_caller_copy", "I I I"), row("msg_caller_size", "", "I"),
  row("msg_cycles_refunded128", "I"), row("msg_reject_code", "", "i32"), row("msg_reject_msg_size", "", "I"), row("msg_reject_msg_copy", "I I I"), row("msg_reject", "I I"),
  row("msg_reply_data_append", "I I"), row("msg_reply"), row("performance_counter", "i32", "i64"), row("trap", "I I"), row("stable64_write", "i64 i64 i64"),
  row("stable64_read", "i64 i64 i64"), row("stable64_size", "", "i64"), row("stable64_grow", "i64", "i64"), row("time", "", "i64"), row("global_timer_set", "i64", "i64"),
];

test("a Motoko actor counts: wasm64, 64-bit tables, a persistent heap", () => {
  const motoko = compiler.default ?? compiler;
  motoko.write("Main.mo", `persistent actor {
    var count : Nat = 0;
    public func inc() : async Nat { count += 1; count };
    public func bad() : async Nat { count += 100; assert false; count };
    public query func get() : async Nat { count } }`);
  const canister = new Canister(motoko.wasm("Main.mo", "ic").wasm, {}, createWasmEngine(ROWS));
  expect(canister.module.memory64).toBe(true);
  expect(canister.module.metadata.map(({ name }) => name)).toContain("candid:service");

  const argument = Buffer.from("DIDL\0\0"), id = new Uint8Array(10).fill(7);
  let reply: Uint8Array[] = [], replied = 0;
  const text = (memory: WasmMemory, offset: number, size: number): string => Buffer.from(memory.read(offset, size)).toString();
  canister.handlers = {
    msg_arg_data_size: () => argument.length, msg_arg_data_copy: (memory: WasmMemory, target: number, offset: number, size: number) => memory.write(target, argument.subarray(offset, offset + size)),
    msg_caller_size: () => id.length, msg_caller_copy: (memory: WasmMemory, target: number, offset: number, size: number) => memory.write(target, id.subarray(offset, offset + size)),
    canister_self_size: () => id.length, canister_self_copy: (memory: WasmMemory, target: number, offset: number, size: number) => memory.write(target, id.subarray(offset, offset + size)),
    msg_reply_data_append: (memory: WasmMemory, offset: number, size: number) => { reply.push(memory.read(offset, size)); }, msg_reply: () => { replied++; },
    trap: (memory: WasmMemory, offset: number, size: number) => { throw new Trap(userError("IC0503", text(memory, offset, size))); },
    stable64_size: (memory: WasmMemory) => BigInt(memory.stablePages()), stable64_grow: (memory: WasmMemory, pages: bigint) => BigInt(memory.stableGrow(Number(pages))),
    stable64_write: (memory: WasmMemory, offset: bigint, source: bigint, size: bigint) => { memory.stableWrite(Number(offset), Number(source), Number(size)); },
    stable64_read: (memory: WasmMemory, target: bigint, offset: bigint, size: bigint) => memory.stableRead(Number(target), Number(offset), Number(size)),
    performance_counter: (memory: WasmMemory) => memory.instructionsUsed(), time: () => 1_800_000_000_000_000_000n, global_timer_set: () => 0n, canister_status: () => 1, is_controller: () => 1,
  };
  const call = (name: string): string => {
    reply = [];
    const outcome = canister.run(name, name.startsWith("canister_query"));
    return outcome.kind === "returned" ? Buffer.concat(reply).toString("hex") : `${outcome.error.code} ${outcome.error.message}`;
  };
  const nat = (value: number): string => Buffer.from([...Buffer.from("DIDL"), 0, 1, 0x7d, value]).toString("hex");
  const started = canister.engine.run("canister", canister.module, canister.state, { kind: "start" }, canister.handlers, { instructions: 1_000_000_000n, heapBytesMax: Infinity }, false);
  if (started.kind === "returned") canister.state = started.state;
  expect(call("canister_init")).toBe("");
  expect([call("canister_update inc"), call("canister_update inc"), call("canister_query get")]).toEqual([nat(1), nat(2), nat(2)]);
  expect(call("canister_update bad")).toMatch(/^IC0503 .*assertion failed/);
  canister.engine.trim(0);
  expect([call("canister_query get"), call("canister_update inc")]).toEqual([nat(2), nat(3)]);
  expect(replied).toBe(5);
}, 30_000);
