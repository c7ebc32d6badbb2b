import { Canister } from "../unit/replica/execution/wasm/fixture.ts";

/** Functions that call themselves, by what their frames hold and how they call. */
export const SHAPES: Readonly<Record<string, { readonly locals: string; readonly call: string }>> = {
  "a small frame": { locals: "", call: "(call $down)" },
  "a large frame": { locals: `(local ${"i64 ".repeat(200)})`, call: "(call $down)" },
  "vectors": { locals: `(local ${"v128 ".repeat(40)})`, call: "(call $down)" },
  "operands below the call": { locals: "", call: `${"(i64.const 7) ".repeat(50)} (call $down) ${"(drop) ".repeat(50)}` },
  "a call through the table": { locals: "", call: "(call_indirect (i32.const 0))" },
};

/** Instructions until the trap, which tell the depth, and what the trap says: at once, and again after V8 has optimised the function. */
export function depthOf(shape: string): readonly { readonly instructions: number; readonly said: string }[] {
  const { locals, call } = SHAPES[shape]!;
  const canister = new Canister(`(module (memory 1) (table 1 funcref) (elem (i32.const 0) $down)
    (global $left (mut i64) (i64.const 0))
    (func $down ${locals}
      (if (i64.ne (global.get $left) (i64.const 0)) (then (global.set $left (i64.sub (global.get $left) (i64.const 1))) ${call})))
    (func (export "canister_update warm") (local $i i32) (loop (global.set $left (i64.const 100)) (call $down) (br_if 0 (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 20)))))
    (func (export "canister_update deep") (global.set $left (i64.const -1)) (call $down)))`);
  const deep = (): { instructions: number; said: string } => {
    const outcome = canister.run("canister_update deep");
    return { instructions: Number(outcome.used), said: outcome.kind === "trapped" ? outcome.error.message : "returned" };
  };
  const cold = deep();
  for (let i = 0; i < 300; i++) canister.run("canister_update warm", true);
  const end = performance.now() + 100;
  while (performance.now() < end) canister.run("canister_update warm", true);
  return [cold, deep(), deep()];
}
