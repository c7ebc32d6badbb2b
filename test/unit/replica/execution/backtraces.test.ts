import { describe, expect, test } from "vitest";
import { assemble } from "../../../canisters/assemble.ts";
import { demangled } from "../../../../src/replica/execution/wasm/demangle.ts";
import { functionNames } from "../../../../src/replica/execution/wasm/backtrace.ts";
import { OTHER, USER, candidPrincipal, createTestSubnet, settingsOf, text, type TestSubnet, wasmFromText } from "./testSubnet.ts";

const BODY = `(import "ic0" "msg_reply" (func $reply)) (import "ic0" "trap" (func $ic0_trap (param i32 i32))) (import "ic0" "stable64_write" (func $ic0_write (param i64 i64 i64)))
  (memory 1) (data (i32.const 0) "uh oh") (type $none (func)) (table funcref (elem $fails $leaf))
  (global $mode (mut i32) (i32.const 0)) (global $deep (mut i32) (i32.const 0))
  (func $leaf (result i32) (i32.const 1))
  (func $fails)
  (func $inner (param $mode i32) (param $x i32) (result i32)
    (if (i32.eq (local.get $mode) (i32.const 1)) (then (unreachable)))
    (if (i32.eq (local.get $mode) (i32.const 2)) (then (drop (i32.load (i32.const -8)))))
    (if (i32.eq (local.get $mode) (i32.const 3)) (then (drop (i32.div_u (i32.const 1) (local.get $x)))))
    (if (i32.eq (local.get $mode) (i32.const 4)) (then (call $ic0_trap (i32.const 0) (i32.const 5))))
    (if (i32.eq (local.get $mode) (i32.const 5)) (then (call $ic0_write (i64.const 99) (i64.const 0) (i64.const 1))))
    (if (i32.eq (local.get $mode) (i32.const 6)) (then (call_indirect (type $none) (i32.const 1))))
    (if (i32.eq (local.get $mode) (i32.const 7)) (then (loop $ever (br $ever))))
    (local.get $x))
  (func $middle (param $mode i32) (param $x i32) (result i32) (i32.add (call $inner (local.get $mode) (local.get $x)) (i32.const 1)))
  (func $outer (param $mode i32) (drop (call $middle (local.get $mode) (i32.const 0))) (nop))
  (func $down (param $n i32) (if (local.get $n) (then (call $down (i32.sub (local.get $n) (i32.const 1))) (return))) (unreachable))
  (func $forever (call $forever) (drop (i32.const 1)))
  (func $late (export "canister_update late") (call $heat (i32.const 300000)) (call $outer (i32.const 1)) (nop))
  (func $heat (param $n i32) (local $i i32) (loop $each (drop (call $middle (i32.const 0) (local.get $i)))
    (br_if $each (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n)))))
  (func (export "canister_update heat") (call $heat (i32.const 3000000)) (call $reply))
  ${[1, 2, 3, 4, 5, 6, 7].map((mode) => `(func $entry${mode} (export "canister_update mode${mode}") (call $outer (i32.const ${mode})))`).join("\n")}
  (func $deep (export "canister_update deep") (call $down (i32.const 30)) (nop))
  (func $recursion (export "canister_update recursion") (call $forever) (nop))
  (func $asked (export "canister_query asked") (call $outer (i32.const 1)))`;
const STACK = (mode: number): string => `inner\nmiddle\nouter\nentry${mode}\n`;
const CASES = [
  [1, "Canister trapped: unreachable", ""], [2, "Canister trapped: heap out of bounds", ""], [3, "Canister trapped: integer division by 0", ""],
  [4, "Canister called `ic0.trap` with message: 'uh oh'", ""], [5, "Canister trapped: stable memory out of bounds", "ic0_write\n"],
] as const;

const named = await assemble(`(module ${BODY})`), nameless = wasmFromText(`(module ${BODY})`);
function installed(module: Uint8Array, options: Parameters<typeof createTestSubnet>[0] = {}): { readonly subnet: TestSubnet; readonly id: ReturnType<TestSubnet["create"]>; fail(method: string, sender?: typeof USER): string; lastLog(): string } {
  const subnet = createTestSubnet(options), id = subnet.create();
  subnet.install(id, module);
  return {
    subnet, id,
    fail(method, sender) { const status = subnet.call(id, method, undefined, sender); return status.kind === "failed" ? status.message : status.kind; },
    lastLog: () => text(subnet.state.canisters.get(id)!.system.logs.at(-1)!.content),
  };
}

describe("a trap tells the functions that were called", () => {
  test("by their names, in the reject message and in the canister's log", () => {
    const { fail, lastLog } = installed(named);
    for (const [mode, message, first] of CASES) {
      expect(fail(`mode${mode}`)).toContain(`: ${message}\nCanister Backtrace:\n${first}${STACK(mode)}.\n`);
      expect(lastLog()).toMatch(new RegExp(`^\\[TRAP\\]: .*\\nCanister Backtrace:\\n${first}${STACK(mode)}$`));
    }
  });
  test("the same when V8 has compiled and inlined the functions", async () => {
    const { subnet, id, fail } = installed(named);
    const cold = CASES.map(([mode]) => fail(`mode${mode}`));
    for (let i = 0; i < 3; i++) { expect(subnet.call(id, "heat").kind).toBe("completed"); await new Promise((resolve) => { setImmediate(resolve); }); }
    expect(CASES.map(([mode]) => fail(`mode${mode}`))).toEqual(cold);
  });
  test("the same in a helper thread", async () => {
    const here = installed(named, { params: { sliceInstructions: 10_000_000_000n } }), there = installed(named, { threads: true, params: { sliceInstructions: 2_000_000n } });
    expect(there.fail("late")).toBe(here.fail("late"));
    expect(there.fail("late")).toContain("Backtrace:\ninner\nmiddle\nouter\nlate\n");
    expect(there.lastLog()).toBe(here.lastLog());
    await there.subnet.close();
  });
  test("at most twenty of them; a stack that is full has one too", () => {
    const { fail } = installed(named);
    expect(fail("deep").split("\n").filter((line) => line === "down")).toHaveLength(20);
    const full = fail("recursion");
    expect(full).toContain("Canister trapped: stack overflow\nCanister Backtrace:\nforever\n");
    expect(full.split("\n").filter((line) => line === "forever")).toHaveLength(20);
  });
  test("nothing of it for modules without names, broken contracts and used up instructions", () => {
    const without = installed(nameless), withNames = installed(named, { params: { messageInstructionsMax: 1_000_000n } });
    for (const [mode, message] of CASES) expect(without.fail(`mode${mode}`)).toContain(`: ${message}.\n`);
    expect(without.lastLog()).not.toContain("Backtrace");
    for (const mode of [6, 7]) expect(withNames.fail(`mode${mode}`)).not.toContain("Backtrace");
  });
  test("those who may not see the canister's log do not see it; the log has it", () => {
    const { subnet, id, fail, lastLog } = installed(named);
    expect(fail("mode1", OTHER)).not.toContain("Backtrace");
    expect(lastLog()).toContain(`Backtrace:\n${STACK(1)}`);
    const asked = (sender: typeof USER): string => { const answer = subnet.query(id, "asked", undefined, sender); return answer.ok ? "" : answer.error.message; };
    expect([USER, OTHER].map((sender) => asked(sender).includes("Backtrace"))).toEqual([true, false]);
    subnet.manage("update_settings", { canister_id: candidPrincipal(id), settings: settingsOf({ log_visibility: { allowed_viewers: [candidPrincipal(OTHER)] } }), sender_canister_version: [] });
    expect(fail("mode1", OTHER)).toContain(`Backtrace:\n${STACK(1)}`);
    expect(asked(OTHER)).toContain("Backtrace");
  });
});

test("names: malformed sections name nothing; Rust's mangling is undone", () => {
  const section = Uint8Array.of(0, 2, 1, 0x61, 1, 7, 2, 0, 1, 0x66, 3, 1, 0x67);
  expect([...functionNames(section)]).toEqual([[0, "f"], [3, "g"]]);
  for (let length = 1; length < section.length; length++) expect(() => functionNames(section.subarray(0, length))).not.toThrow();
  expect(functionNames(Uint8Array.of(1, 200, 200, 200, 200, 15)).size).toBe(0);
  expect(demangled("_ZN4core9panicking9panic_fmt17h0123456789abcdefE")).toBe("core::panicking::panic_fmt");
  const mangled = (...parts: readonly string[]): string => `_ZN${[...parts, "h0123456789abcdef"].map((part) => `${part.length}${part}`).join("")}E`;
  expect(demangled(mangled("_$LT$alloc..vec..Vec$LT$T$GT$$u20$as$u20$core..ops..Drop$GT$", "drop"))).toBe("<alloc::vec::Vec<T> as core::ops::Drop>::drop");
  expect(demangled(mangled("canister", "_$u7b$$u7b$closure$u7d$$u7d$"))).toBe("canister::{{closure}}");
  for (const name of ["canister_update go", "_ZN", "_ZN9aE", "_ZN99999999999aE", "__ZN1E"]) expect(demangled(name)).toBe(name);
});
