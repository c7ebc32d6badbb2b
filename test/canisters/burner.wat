;; burner: messages of ten million instructions. `run` begins a chain of calls to itself, each of one such message, and never ends; `burn` is one
;; such message from outside; `get` tells how many there were, the time of the state and the instructions of the last one (8 bytes each, little-endian).
(module
  (import "ic0" "canister_self_size" (func $selfSize (result i32)))
  (import "ic0" "canister_self_copy" (func $selfCopy (param i32 i32 i32)))
  (import "ic0" "call_new" (func $callNew (param i32 i32 i32 i32 i32 i32 i32 i32)))
  (import "ic0" "call_perform" (func $perform (result i32)))
  (import "ic0" "msg_reply" (func $reply))
  (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
  (import "ic0" "performance_counter" (func $instructions (param i32) (result i64)))
  (import "ic0" "time" (func $time (result i64)))
  (memory 1)
  (table funcref (elem $ignore))
  (data (i32.const 64) "step")
  (func $ignore (param i32))
  ;; 9 instructions a turn: the store is worth two
  (func $work (local $left i32)
    (local.set $left (i32.const 1111000))
    (loop $again
      (i32.store (i32.const 128) (local.get $left))
      (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    (i64.store (i32.const 0) (i64.add (i64.load (i32.const 0)) (i64.const 1)))
    (i64.store (i32.const 16) (call $instructions (i32.const 0))))
  (func $next
    (call $selfCopy (i32.const 96) (i32.const 0) (call $selfSize))
    (call $callNew (i32.const 96) (call $selfSize) (i32.const 64) (i32.const 4) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
    (drop (call $perform)))
  (func (export "canister_update run") (call $next) (call $reply))
  (func (export "canister_update step") (call $work) (call $next) (call $reply))
  (func (export "canister_update burn") (call $work) (call $reply))
  (func (export "canister_query get")
    (i64.store (i32.const 8) (call $time))
    (call $append (i32.const 0) (i32.const 24))
    (call $reply)))
