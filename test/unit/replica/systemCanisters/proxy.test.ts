import { IDL } from "@dfinity/candid";
import { describe, expect, test } from "vitest";
import { candidFromPrincipal } from "../../../../src/replica/codec/candid.ts";
import { nativeModule } from "../../../../src/replica/systemCanisters/nativeModule.ts";
import { proxyProgram } from "../../../../src/replica/systemCanisters/proxy/proxy.ts";
import { type CanisterId, canisterIdFromIndex } from "../../../../src/replica/types/index.ts";
import { moduleText, replyWith } from "../execution/testModule.ts";
import { createTestSubnet } from "../execution/testSubnet.ts";

/** As icp-cli declares it (crates/icp-canister-interfaces/src/proxy.rs), written out here. */
const ARGS = IDL.Record({ canister_id: IDL.Principal, method: IDL.Text, args: IDL.Vec(IDL.Nat8), cycles: IDL.Nat });
const RESULT = IDL.Variant({
  Ok: IDL.Record({ result: IDL.Vec(IDL.Nat8) }),
  Err: IDL.Variant({ InsufficientCycles: IDL.Record({ available: IDL.Nat, required: IDL.Nat }), CallFailed: IDL.Record({ reason: IDL.Text }), UnauthorizedUser: IDL.Null }),
});
const TAKER = moduleText({ "update take": `(i64.store (i32.const 0) (call $msg_cycles_accept (i64.const 700))) ${replyWith(0, 8)}`, "update fail": "(drop (call $msg_cycles_accept (i64.const 700))) (unreachable)" });

describe("the proxy canister", () => {
  const subnet = createTestSubnet({ natives: [proxyProgram] }), proxy = subnet.create(10n ** 12n), taker = subnet.create();
  subnet.install(proxy, nativeModule(proxyProgram));
  subnet.install(taker, TAKER);
  const balance = (id: CanisterId): bigint => subnet.state.canisters.get(id)!.system.balance;
  const pass = (canister: CanisterId, method: string, cycles: bigint): unknown => {
    const status = subnet.call(proxy, "proxy", new Uint8Array(IDL.encode([ARGS], [{ canister_id: candidFromPrincipal(canister), method, args: new Uint8Array(), cycles }])));
    return status.kind === "completed" ? IDL.decode([RESULT], new Uint8Array(status.reply))[0] : status;
  };

  test("passes a call on with cycles of its own, and the reply back", () => {
    const before = balance(proxy), [paid, fees] = [700n, 70_000_000n];
    const { Ok } = pass(taker, "take", 1_000n) as { readonly Ok: { readonly result: Uint8Array } };
    expect(Buffer.from(Ok.result).readBigUInt64LE()).toBe(paid);
    expect(before - balance(proxy)).toBeGreaterThan(paid);
    expect(before - balance(proxy)).toBeLessThan(paid + fees); // the rest came back
  });
  test("tells why a call failed; what it had accepted is back", () => {
    const held = balance(taker);
    expect(pass(taker, "fail", 1_000n)).toMatchObject({ Err: { CallFailed: { reason: expect.stringMatching(/^reject code 5: .*unreachable/s) as unknown } } });
    expect(balance(taker)).toBeLessThanOrEqual(held);
    expect(pass(taker, "no_such_method", 0n)).toMatchObject({ Err: { CallFailed: { reason: expect.stringMatching(/^reject code 5: .*no_such_method/s) as unknown } } });
    expect(pass(canisterIdFromIndex(0xfffen), "take", 0n)).toMatchObject({ Err: { CallFailed: { reason: expect.stringMatching(/^reject code 3: /) as unknown } } });
  });
  test("more cycles than it has", () => {
    expect(pass(taker, "take", 10n ** 13n)).toMatchObject({ Err: { InsufficientCycles: { required: 10n ** 13n } } });
    expect(pass(taker, "take", balance(proxy))).toMatchObject({ Err: { InsufficientCycles: {} } }); // nothing would be left for the fees
  });
  test.each([["nothing", new Uint8Array()], ["no candid", Buffer.from("hello")], ["another type", new Uint8Array(IDL.encode([IDL.Text], ["take"]))], ["cut short", Buffer.from(IDL.encode([ARGS], [{ canister_id: candidFromPrincipal(taker), method: "take", args: [], cycles: 1n }])).subarray(0, 40)]])("an argument that is none traps: %s", (_, arg) => {
    expect(subnet.call(proxy, "proxy", arg)).toMatchObject({ kind: "failed", code: "IC0503" });
  });
});
