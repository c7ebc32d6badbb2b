;; service : (nat, text) -> { argument : () -> (nat, text) query; variable : (text) -> (text) query }. What it was given when it was installed or upgraded, and its environment variables.
(module
  (import "ic0" "msg_arg_data_size" (func $argSize (result i32)))
  (import "ic0" "msg_arg_data_copy" (func $argCopy (param i32 i32 i32)))
  (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
  (import "ic0" "msg_reply" (func $reply))
  (import "ic0" "env_var_value_size" (func $valueSize (param i32 i32) (result i32)))
  (import "ic0" "env_var_value_copy" (func $valueCopy (param i32 i32 i32 i32 i32)))
  (memory 1)
  ;; 0: header of one text; 64: argument of the query; 512: value of the variable; 4096: argument of the installation
  (data (i32.const 0) "DIDL\00\01\71")
  (global $told (mut i32) (i32.const 0))
  (func $keep
    (global.set $told (call $argSize))
    (call $argCopy (i32.const 4096) (i32.const 0) (global.get $told)))
  (func $argument
    (call $append (i32.const 4096) (global.get $told))
    (call $reply))
  ;; names and values of up to 127 bytes: their lengths are one byte each
  (func $variable
    (local $size i32)
    (call $argCopy (i32.const 64) (i32.const 0) (call $argSize))
    (local.set $size (call $valueSize (i32.const 72) (i32.load8_u (i32.const 71))))
    (call $valueCopy (i32.const 72) (i32.load8_u (i32.const 71)) (i32.const 512) (i32.const 0) (local.get $size))
    (i32.store8 (i32.const 7) (local.get $size))
    (call $append (i32.const 0) (i32.const 8))
    (call $append (i32.const 512) (local.get $size))
    (call $reply))
  (export "canister_init" (func $keep))
  (export "canister_post_upgrade" (func $keep))
  (export "canister_query argument" (func $argument))
  (export "canister_query variable" (func $variable)))
