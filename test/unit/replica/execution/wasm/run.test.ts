import { describe, expect, test } from "vitest";
import { Canister } from "./fixture.ts";

const COUNTER = `(module
  (import "ic0" "msg_reply" (func $reply)) (memory 1) (global $g (mut i32) (i32.const 7)) (data (i32.const 4090) "hello world")
  (func (export "canister_update inc") (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1))) (global.set $g (i32.add (global.get $g) (i32.const 1))) call $reply)
  (func (export "canister_update bad") (i64.store (i32.const 4092) (i64.const -1)) (global.set $g (i32.const 99)) unreachable)
  (func (export "canister_query show") (i32.store (i32.const 8) (global.get $g))))`;

describe("a canister's message", () => {
  test("returns a new version; one that traps or is discarded leaves the old one", () => {
    const canister = new Canister(COUNTER);
    let replies = 0;
    canister.handlers = { msg_reply: () => { replies++; } };
    expect(Buffer.from(canister.heap(4090, 11)).toString()).toBe("hello world");
    for (let i = 0; i < 3; i++) expect(canister.run("canister_update inc").kind).toBe("returned");
    expect(replies).toBe(3);
    expect(canister.heap(0, 4)).toEqual(new Uint8Array([3, 0, 0, 0]));
    const before = canister.state;
    expect(canister.say("canister_update bad")).toBe("IC0502 Canister trapped: unreachable");
    expect(canister.state).toBe(before);
    expect(Buffer.from(canister.heap(4090, 11)).toString()).toBe("hello world");
    expect(canister.run("canister_query show", true)).toMatchObject({ kind: "returned", state: before });
    expect(canister.run("canister_query show").kind).toBe("returned");
    expect(canister.heap(0, 12)).toEqual(new Uint8Array([3, 0, 0, 0, 0, 0, 0, 0, 10, 0, 0, 0]));
  });
});
