import { counterModule } from "../canisters/assemble.ts";
import { assemble } from "../canisters/assemble.ts";
import { universalModule } from "../canisters/universal.ts";

/** As compilers of Rust and C lay a canister out: a shadow stack that a global points at, an allocator, a table of functions, data, bulk instructions, names. */
const COMPILED = `(module (import "ic0" "msg_reply" (func $msg_reply)) (import "ic0" "msg_reply_data_append" (func $msg_reply_data_append (param i32 i32)))
  (import "ic0" "msg_arg_data_size" (func $msg_arg_data_size (result i32))) (import "ic0" "msg_arg_data_copy" (func $msg_arg_data_copy (param i32 i32 i32))) (import "ic0" "trap" (func $trap (param i32 i32)))
  (import "ic0" "stable64_grow" (func $stable64_grow (param i64) (result i64))) (import "ic0" "stable64_write" (func $stable64_write (param i64 i64 i64)))
  (type $compare (func (param i32 i32) (result i32))) (memory 17 4096) (table 6 6 funcref) (elem (i32.const 1) $less $more $equal)
  (global $__stack_pointer (mut i32) (i32.const 1048576)) (global $__heap_base i32 (i32.const 1050000)) (global $free (mut i32) (i32.const 1050000)) (global $ratio (mut f64) (f64.const 0.5))
  (data (i32.const 1048576) "panicked at src/lib.rs:12:9\\00attempt to divide by zero\\00capacity overflow") (data $table "\\01\\02\\03\\04\\05\\06\\07\\08")
  (func $less (type $compare) (i32.lt_s (local.get 0) (local.get 1))) (func $more (type $compare) (i32.gt_u (local.get 0) (local.get 1))) (func $equal (type $compare) (i32.eq (local.get 0) (local.get 1)))
  (func $alloc (param $size i32) (result i32) (local $p i32) (local.set $p (global.get $free)) (global.set $free (i32.and (i32.add (i32.add (local.get $p) (local.get $size)) (i32.const 15)) (i32.const -8)))
    (loop $grow (if (i32.gt_u (global.get $free) (i32.shl (memory.size) (i32.const 16))) (then (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1)) (then (call $panic (i32.const 1048629) (i32.const 17)))) (br $grow)))) (local.get $p))
  (func $panic (param i32 i32) (call $trap (local.get 0) (local.get 1)) (unreachable))
  (func $sort (param $at i32) (param $n i32) (param $order i32) (local $i i32) (local $j i32) (local $v i32)
    (block $done (loop $next (br_if $done (i32.ge_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))) (local.set $j (local.get $i)) (local.set $v (i32.load8_u (i32.add (local.get $at) (local.get $i))))
      (block $placed (loop $shift (br_if $placed (i32.eqz (local.get $j)))
        (br_if $placed (i32.eqz (call_indirect (type $compare) (local.get $v) (i32.load8_u (i32.sub (i32.add (local.get $at) (local.get $j)) (i32.const 1))) (local.get $order))))
        (i32.store8 (i32.add (local.get $at) (local.get $j)) (i32.load8_u (i32.sub (i32.add (local.get $at) (local.get $j)) (i32.const 1)))) (local.set $j (i32.sub (local.get $j) (i32.const 1))) (br $shift)))
      (i32.store8 (i32.add (local.get $at) (local.get $j)) (local.get $v)) (br $next))))
  (func $input (result i32) (local $n i32) (local $p i32) (local.set $n (call $msg_arg_data_size)) (local.set $p (call $alloc (i32.add (local.get $n) (i32.const 8)))) (call $msg_arg_data_copy (local.get $p) (i32.const 0) (local.get $n)) (local.get $p))
  (func $canister_update_sort (export "canister_update sort") (local $frame i32) (local $p i32) (global.set $__stack_pointer (local.tee $frame (i32.sub (global.get $__stack_pointer) (i32.const 64))))
    (local.set $p (call $input)) (call $sort (local.get $p) (call $msg_arg_data_size) (i32.const 1)) (memory.copy (local.get $frame) (local.get $p) (i32.const 32)) (memory.init $table (local.get $frame) (i32.const 0) (i32.const 8))
    (call $msg_reply_data_append (local.get $frame) (i32.const 32)) (global.set $__stack_pointer (i32.add (local.get $frame) (i32.const 64))) (call $msg_reply))
  (func $canister_update_keep (export "canister_update keep") (if (i64.lt_s (call $stable64_grow (i64.const 1)) (i64.const 0)) (then (call $panic (i32.const 1048576) (i32.const 27))))
    (call $stable64_write (i64.const 0) (i64.extend_i32_u (call $input)) (i64.const 8)) (memory.fill (i32.const 2000) (i32.const 7) (i32.const 300)) (call $msg_reply))
  (func $canister_query_mean (export "canister_query mean") (local $frame i32) (global.set $__stack_pointer (local.tee $frame (i32.sub (global.get $__stack_pointer) (i32.const 16))))
    (global.set $ratio (f64.div (f64.add (global.get $ratio) (f64.convert_i32_u (call $msg_arg_data_size))) (f64.const 3))) (f64.store (local.get $frame) (f64.sqrt (global.get $ratio)))
    (i32.store offset=8 (local.get $frame) (i32.trunc_sat_f64_u (global.get $ratio))) (call $msg_reply_data_append (local.get $frame) (i32.const 12)) (call $msg_reply))
  (func (export "canister_init") (global.set $free (i32.add (global.get $__heap_base) (i32.const 16)))))`;

/** Modules as people install them, but for a Motoko program. */
export const realModules = async (): Promise<readonly Uint8Array[]> => [await universalModule(), await assemble(COMPILED), await counterModule()];
