import { assemble, withCustomSection } from "../canisters/assemble.ts";

/** What a small canister of these tests is made of. */
export interface Deployable {
  readonly candid?: string;
  /** Names an environment variable that `variable : () -> (text) query` tells; the canister traps without it. */
  readonly variable?: string;
  /** More custom sections, by their full names. */
  readonly sections?: Readonly<Record<string, string>>;
  /** Something that makes the module another one. */
  readonly version?: number;
  /** Bytes of data that make it larger. */
  readonly padding?: number;
}

/** A canister with a counter in stable memory (`increment : () -> (nat8)`, `get : () -> (nat8) query`), which upgrades keep; counts to 127. */
export async function deployable({ candid = "service : { increment : () -> (nat8); get : () -> (nat8) query; variable : () -> (text) query }", variable = "none", sections = {}, version = 1, padding = 0 }: Deployable = {}): Promise<Uint8Array> {
  const name = Buffer.from(variable);
  let module = await assemble(`(module
    (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
    (import "ic0" "msg_reply" (func $reply))
    (import "ic0" "stable64_grow" (func $grow (param i64) (result i64)))
    (import "ic0" "stable64_size" (func $size (result i64)))
    (import "ic0" "stable64_read" (func $read (param i64 i64 i64)))
    (import "ic0" "stable64_write" (func $write (param i64 i64 i64)))
    (import "ic0" "env_var_value_size" (func $valueSize (param i32 i32) (result i32)))
    (import "ic0" "env_var_value_copy" (func $valueCopy (param i32 i32 i32 i32 i32)))
    (memory 64)
    (data (i32.const 0) "DIDL\\00\\01\\7b") (data (i32.const 16) "DIDL\\00\\01\\71") (data (i32.const 100) "${variable}") (data (i32.const 300) "version ${version}") (data (i32.const 1000) "${"x".repeat(padding)}")
    (func $answer (call $append (i32.const 0) (i32.const 8)) (call $reply))
    (func $load (if (i64.eqz (call $size)) (then (drop (call $grow (i64.const 1))))) (call $read (i64.const 7) (i64.const 0) (i64.const 1)))
    (func (export "canister_query get") (if (i64.gt_u (call $size) (i64.const 0)) (then (call $load))) (call $answer))
    (func (export "canister_update increment")
      (call $load) (i32.store8 (i32.const 7) (i32.add (i32.load8_u (i32.const 7)) (i32.const 1))) (call $write (i64.const 0) (i64.const 7) (i64.const 1)) (call $answer))
    (func (export "canister_query variable") (local $bytes i32)
      (local.set $bytes (call $valueSize (i32.const 100) (i32.const ${name.length})))
      (call $valueCopy (i32.const 100) (i32.const ${name.length}) (i32.const 512) (i32.const 0) (local.get $bytes))
      (i32.store8 (i32.const 23) (local.get $bytes))
      (call $append (i32.const 16) (i32.const 8)) (call $append (i32.const 512) (local.get $bytes)) (call $reply)))`);
  for (const [section, content] of Object.entries({ "icp:public candid:service": candid, ...sections })) module = withCustomSection(module, section, Buffer.from(content));
  return module;
}
