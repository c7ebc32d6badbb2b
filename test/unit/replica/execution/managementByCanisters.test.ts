import { describe, expect, test } from "vitest";
import { encodeCandid, principalFromCandid } from "../../../../src/replica/codec/candid.ts";
import { MANAGEMENT_TYPES } from "../../../../src/replica/codec/candidManagement.ts";
import type { CanisterId } from "../../../../src/replica/types/index.ts";
import { RELAY, relay } from "./relay.ts";
import { USER, candidPrincipal, createTestSubnet, settingsOf } from "./testSubnet.ts";

describe("the management canister called by canisters", () => {
  const subnet = createTestSubnet(), id = subnet.create();
  expect(subnet.install(id, RELAY)).toBeUndefined();
  const balance = (canister: CanisterId): bigint => subnet.state.canisters.get(canister)!.system.balance;
  let made: CanisterId;

  test("create_canister takes its fee from the attached cycles; the rest is the new balance", () => {
    const answer = relay(subnet, id, "create_canister", { settings: [settingsOf({ controllers: [candidPrincipal(id), candidPrincipal(USER)] })], sender_canister_version: [] }, 1_700_000_000_000n);
    made = principalFromCandid((answer as { canister_id: Parameters<typeof principalFromCandid>[0] }).canister_id) as CanisterId;
    expect(balance(made)).toBe(1_200_000_000_000n);
    const before = balance(id);
    expect(relay(subnet, id, "create_canister", { settings: [], sender_canister_version: [] }, 499_999_999_999n)).toMatchObject({ code: 4, message: expect.stringContaining("requires a fee of 500_000_000_000") });
    expect(before - balance(id)).toBeLessThan(20_000_000n); // the cycles came back
  });
  test("deposit_cycles gives them to anyone, and back when there is nobody", () => {
    const before = balance(made);
    expect(relay(subnet, id, "deposit_cycles", { canister_id: candidPrincipal(made) }, 12_345n)).toBeUndefined();
    expect(balance(made) - before).toBe(12_345n);
    expect(relay(subnet, id, "deposit_cycles", { canister_id: candidPrincipal("00000000000000990101" as CanisterId) }, 5n)).toMatchObject({ code: 3 });
  });
  test("canister_info tells who changed what", () => {
    expect(subnet.install(made, RELAY)).toBeUndefined();
    const info = relay(subnet, id, "canister_info", { canister_id: candidPrincipal(made), num_requested_changes: [5n] }) as { total_num_changes: bigint; recent_changes: { origin: object; details: object; canister_version: bigint }[] };
    expect(info.total_num_changes).toBe(2n);
    expect(info.recent_changes.map(({ origin, details, canister_version }) => [Object.keys(origin)[0], Object.keys(details)[0], canister_version])).toEqual([["from_canister", "creation", 0n], ["from_user", "code_deployment", 1n]]);
    const none = relay(subnet, id, "canister_info", { canister_id: candidPrincipal(made), num_requested_changes: [] }) as { recent_changes: unknown[] };
    expect(none.recent_changes).toEqual([]);
  });
  test("canister_metadata gives public sections to all and private ones to controllers", () => {
    const ask = (canister: CanisterId, name: string): unknown => relay(subnet, id, "canister_metadata", { canister_id: candidPrincipal(canister), name });
    expect(ask(made, "missing")).toMatchObject({ code: 4, message: expect.stringContaining("no metadata section with the name missing") });
    const empty = subnet.create();
    expect(ask(empty, "any")).toMatchObject({ code: 4, message: expect.stringContaining("has no Wasm module") });
  });
  test("raw_rand gives 32 bytes, unknown methods and broken versions are refused", () => {
    expect(relay(subnet, id, "raw_rand", undefined)).toHaveLength(32);
    expect(relay(subnet, id, "no_such_method", undefined)).toMatchObject({ code: 4, message: "Management canister has no method 'no_such_method'" });
    const version = subnet.state.canisters.get(id)!.system.version;
    expect(relay(subnet, id, "uninstall_code", { canister_id: candidPrincipal(made), sender_canister_version: [version + 7n] })).toMatchObject({ code: 5, message: expect.stringContaining("sender_canister_version") });
    const now = subnet.state.canisters.get(id)!.system.version;
    expect(relay(subnet, id, "uninstall_code", { canister_id: candidPrincipal(made), sender_canister_version: [now] })).toBeUndefined();
    expect(subnet.state.canisters.get(made)!.execution).toBeUndefined();
  });
  test("a canister stops, starts and deletes what it controls", () => {
    const arg = { canister_id: candidPrincipal(made) };
    expect(relay(subnet, id, "stop_canister", arg)).toBeUndefined();
    expect(relay(subnet, id, "start_canister", arg)).toBeUndefined();
    expect(relay(subnet, id, "delete_canister", arg)).toMatchObject({ code: 5 });
    expect(relay(subnet, id, "stop_canister", arg)).toBeUndefined();
    expect(relay(subnet, id, "delete_canister", arg)).toBeUndefined();
    expect(subnet.state.canisters.has(made)).toBe(false);
    expect(relay(subnet, id, "fetch_canister_logs", { canister_id: candidPrincipal(id), filter: [] })).toMatchObject({ message: expect.any(String) });
  });
  test("a canister that stops itself stops when its own call has its answer", () => {
    const self = subnet.create(undefined, { controllers: [candidPrincipal(USER)] });
    subnet.install(self, RELAY);
    subnet.manage("update_settings", { canister_id: candidPrincipal(self), settings: settingsOf({ controllers: [candidPrincipal(USER), candidPrincipal(self)] }), sender_canister_version: [] });
    const stop = subnet.ingress("" as CanisterId, "stop_canister", encodeCandid(MANAGEMENT_TYPES.stop_canister.args, [{ canister_id: candidPrincipal(self) }]));
    subnet.round([subnet.ingress(self, "relay", Buffer.concat([Buffer.alloc(8), Buffer.from([8]), Buffer.from("raw_rand"), Buffer.from("DIDL\0\0")]))]);
    subnet.round([stop]);
    subnet.round();
    expect(subnet.status(stop).kind).toBe("completed");
    expect(subnet.state.canisters.get(self)!.system.status.kind).toBe("stopped");
  });
});
