import { describe, expect, test } from "vitest";
import { MANAGEMENT_TYPES } from "../../src/replica/codec/candidManagement.ts";
import { decodeCandid, encodeCandid } from "../../src/replica/codec/candid.ts";
import { type CanisterId, MANAGEMENT_CANISTER_ID, bytesFromHex, canisterIdFromIndex, subnetId } from "../../src/replica/types/index.ts";
import { OTHER, USER, candidPrincipal } from "../unit/replica/execution/testSubnet.ts";
import { type Universal, createUniversalSubnet, failureOf, replyOf, textOf, u64At } from "./universalSubnet.ts";
import { type Program, run } from "./universal.ts";

const remember = (text: string): Program => run().getVariable(0).push(text).concat().setVariable(0);
const REMEMBERED = run().getVariable(0).reply();
const remote = { id: subnetId(Uint8Array.of(9)), start: canisterIdFromIndex(0x200000n), end: canisterIdFromIndex(0x2fffffn) };

describe("Query call: composite queries", async () => {
  const { canister, subnet } = await createUniversalSubnet({}, { remote });
  const [a, b, c] = [canister(), canister(), canister()];
  const to = (callee: Universal | CanisterId, arg: Program, more: Partial<Parameters<Program["call"]>[0]> = {}): Program => run().call({ callee: typeof callee === "string" ? callee : callee.id, method: "query", arg, ...more });

  test("call queries and composite queries of other canisters, which see the calling canister", () => {
    expect(replyOf(a.composite(to(b, run().take("msg_caller").reply())))).toEqual(bytesFromHex(a.id));
    const deep = to(b, to(c, run().take("msg_caller").reply()), { method: "composite" });
    expect(replyOf(a.composite(deep))).toEqual(bytesFromHex(b.id));
    expect(replyOf(a.composite(to(b, run().reply("x"), { onReply: run().take("msg_caller").reply() })))).toEqual(bytesFromHex(USER));
  });
  test("keep their memory until their callbacks, and nothing afterwards", () => {
    expect(textOf(replyOf(a.composite(remember("1").splice(to(b, remember("lost").reply("2"), { onReply: run().getVariable(0).take("msg_arg_data").concat().reply() })))))).toBe("12");
    expect([a, b].map((one) => textOf(replyOf(one.query(REMEMBERED))))).toEqual(["", ""]);
  });
  test("several calls: the first answer counts, every callback runs on the state that the one before left", () => {
    const note = (text: string): Partial<Parameters<Program["call"]>[0]> => ({ onReply: remember(text) });
    const last = { onReply: remember("3").splice(REMEMBERED) };
    expect(textOf(replyOf(a.composite(to(b, run().reply("x"), note("1")).splice(to(c, run().reply("x"), note("2"))).splice(to(b, run().reply("x"), last)))))).toBe("123");
  });
  test("a query that is called may not call on, an update is no query", () => {
    expect(textOf(replyOf(a.composite(to(b, to(c, run().reply("x")))))).slice(1)).toContain("cannot be executed in non replicated query mode");
    expect(replyOf(a.composite(to(b, run().reply("x"), { method: "update" })))[0]).toBe(5);
    expect(textOf(replyOf(a.composite(to(b, run().reply("x"), { method: "update" }))))).toContain("no query method");
  });
  test("may not run replicated: called as an update, or by an update", () => {
    expect(failureOf(subnet.call(a.id, "composite", run().reply("x").bytes))).toMatchObject({ code: "IC0527", rejectCode: 5 });
    expect(textOf(replyOf(a.update(to(b, run().reply("x"), { method: "composite" }))))).toMatch(/^\x05.*Composite query cannot be called in replicated mode/);
  });
  test("rejects, traps, silence and missing canisters reach the reject callback with their codes", () => {
    const codeOf = (callee: Universal | CanisterId, arg: Program, method = "query"): number => replyOf(a.composite(to(callee, arg, { method })))[0]!;
    expect([codeOf(b, run().reject("no")), codeOf(b, run().trap("no")), codeOf(b, run()), codeOf(b, run(), "no_such"), codeOf(canisterIdFromIndex(0x99n), run())]).toEqual([4, 5, 5, 5, 3]);
    expect(textOf(replyOf(a.composite(to(b, run().reject("no")))))).toBe("\x04no");
  });
  test("a canister of another subnet cannot be called", () => {
    expect(textOf(replyOf(a.composite(to(canisterIdFromIndex(0x200001n), run().reply("x")))))).toMatch(/another subnet|subnet/);
  });
  test("a loop of canisters is found, direct or around a corner", () => {
    const loop = (program: Program): string => textOf(replyOf(a.composite(program)));
    expect(loop(to(a, run().reply("x")))).toContain("Loop detected");
    expect(loop(to(b, to(a, run().reply("x")), { method: "composite" }))).toContain("Loop detected");
    expect(loop(to(b, run().reply("x"), { onReply: to(b, run().reply("again")) }))).toBe("again"); // one after the other is none
  });
  test("seven canisters deep, and no deeper", () => {
    const chain = Array.from({ length: 9 }, () => canister());
    const nested = (from: number, to_: number): Program => (from === to_ ? run().reply("bottom") : to(chain[from + 1]!, nested(from + 1, to_), { method: "composite" }));
    expect(textOf(replyOf(chain[0]!.composite(nested(0, 6))))).toBe("bottom");
    expect(textOf(replyOf(chain[0]!.composite(nested(0, 7))))).toContain("too deep");
  });
  test("callbacks that trap are cleaned up after; the trap is the answer when no other comes", () => {
    const traps = { onReply: remember("lost").trap("in the callback"), onCleanup: remember("cleaned") };
    expect(failureOf(a.composite(to(b, run().reply("x"), traps)))).toMatchObject({ code: "IC0503", message: expect.stringContaining("in the callback") });
    expect(textOf(replyOf(a.composite(to(b, run().reply("x"), traps).splice(to(c, run().reply("x"), { onReply: REMEMBERED })))))).toBe("cleaned");
    const both = failureOf(a.composite(to(b, run().reply("x"), { ...traps, onCleanup: run().trap("in the cleanup") })));
    expect(both.message).toMatch(/in the callback[^]*call_on_cleanup also failed:[^]*in the cleanup/);
  });
  test("carry no cycles and set no data", () => {
    for (const call of [run().ic0("call_cycles_add128", 0, 0), run().take128("msg_cycles_available128"), run().ic0("certified_data_set", "x")]) expect(failureOf(a.composite(call))).toMatchObject({ code: "IC0504" });
  });
  test("call the management canister's queries with the rights of the calling canister, and no other of its methods", () => {
    const status = (of: Universal): Uint8Array => encodeCandid(MANAGEMENT_TYPES.canister_status.args, [{ canister_id: candidPrincipal(of.id) }]);
    const ask = (method: string, arg: Uint8Array): Uint8Array => replyOf(a.composite(run().call({ callee: MANAGEMENT_CANISTER_ID, method, arg })));
    const own = decodeCandid(MANAGEMENT_TYPES.canister_status.results, ask("canister_status", status(a)));
    expect(own.ok && Object.keys((own.value[0] as { status: object }).status)).toEqual(["running"]);
    expect(ask("canister_status", status(b))[0]).toBe(5); // a controls itself at most
    expect(textOf(ask("raw_rand", Uint8Array.from(Buffer.from("DIDL\0\0"))))).toContain("raw_rand");
    expect(replyOf(a.composite(run().take("msg_caller").reply(), OTHER))).toEqual(bytesFromHex(OTHER));
  });
});

describe("Query call: the limits of a call graph", async () => {
  const { canister } = await createUniversalSubnet({}, { params: { queryInstructionsMax: 3_000_000n, queryGraphInstructionsMax: 4_000_000n, queryCallOverhead: 100_000n } });
  const [a, b] = [canister(), canister()], spin = run().times(5_000, run()), spun = run().splice(spin).reply("1");
  const to = (arg: Program, onReply = run()): Program => run().call({ callee: b.id, method: "query", arg, onReply });
  test("one query may use as many instructions as a single query", () => {
    expect(failureOf(a.query(run().forever(run())))).toMatchObject({ code: "IC0522", message: expect.stringContaining("3000000") });
    expect(textOf(replyOf(a.composite(to(run().forever(run())))))).toMatch(/^\x05.*exceeded the limit of \d+ instructions/);
    expect(u64At(replyOf(a.query(run().splice(spin).number("performance_counter", 0).reply())))).toBeGreaterThan(1_000_000n);
  });
  test("all of them together have a limit of their own", () => {
    expect(textOf(replyOf(a.composite(to(spun, run().reply("enough")))))).toBe("enough");
    const many = to(spun).splice(to(spun)).splice(to(spun)).splice(to(spun)).splice(to(spun));
    expect(failureOf(a.composite(many))).toMatchObject({ code: "IC0526" });
  });
});
