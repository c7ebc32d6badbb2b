import { describe, expect, test } from "vitest";
import { candidFromPrincipal, decodeCandid, encodeCandid } from "../../../src/replica/codec/candid.ts";
import { MANAGEMENT_TYPES, type ManagementMethodName } from "../../../src/replica/codec/candidManagement.ts";
import { ICX_VERSION } from "../../../src/replica/params/version.ts";
import { withBlock } from "../../../src/replica/state/nodeMetrics.ts";
import { type CanisterId, MANAGEMENT_CANISTER_ID, type NodeId, canisterIdFromIndex, cycles, subnetId, time } from "../../../src/replica/types/index.ts";
import { RELAY, relay } from "../../unit/replica/execution/relay.ts";
import { moduleText } from "../../unit/replica/execution/testModule.ts";
import { OTHER, START, type TestSubnet, USER, createTestSubnet, settingsOf, text, wasmFromText } from "../../unit/replica/execution/testSubnet.ts";

const record = (id: CanisterId): { canister_id: unknown } => ({ canister_id: candidFromPrincipal(id) });
/** A management method as a query: the decoded answer, or its error. */
function ask(subnet: TestSubnet, method: ManagementMethodName, args: Record<string, unknown> | undefined, sender = USER): unknown {
  const answer = subnet.query(MANAGEMENT_CANISTER_ID, method, encodeCandid(MANAGEMENT_TYPES[method].args, args === undefined ? [] : [args]), sender);
  if (!answer.ok) return answer.error;
  const decoded = decodeCandid(MANAGEMENT_TYPES[method].results, answer.value);
  return decoded.ok ? decoded.value[0] : decoded.error;
}
/** A module with custom sections. */
function withSections(sections: Readonly<Record<string, string>>): Uint8Array {
  const parts = [wasmFromText(moduleText({ "update ping": "(call $msg_reply)" }))];
  for (const [name, content] of Object.entries(sections)) {
    const body = Buffer.concat([Buffer.from([name.length]), Buffer.from(name), Buffer.from(content)]);
    parts.push(Buffer.concat([Buffer.from([0, body.length]), body]));
  }
  return new Uint8Array(Buffer.concat(parts));
}

describe("§ canister_info", () => {
  const subnet = createTestSubnet(), asker = subnet.create(), id = subnet.create(undefined, { environment_variables: [{ name: "A", value: "1" }] });
  subnet.install(asker, RELAY);
  type Info = { total_num_changes: bigint; recent_changes: { timestamp_nanos: bigint; canister_version: bigint; origin: Record<string, Record<string, unknown>>; details: Record<string, Record<string, unknown> | null> }[]; module_hash: [] | [Uint8Array]; controllers: unknown[] };
  const info = (changes: [] | [bigint]): Info => relay(subnet, asker, "canister_info", { ...record(id), num_requested_changes: changes }) as Info;

  test("every kind of change with what it changed and who asked, oldest first", () => {
    subnet.install(id, RELAY);
    subnet.install(id, RELAY, { upgrade: [] });
    subnet.install(id, RELAY, { reinstall: null });
    const taken = subnet.manage("take_canister_snapshot", { ...record(id), replace_snapshot: [], uninstall_code: [], sender_canister_version: [] }) as { id: Uint8Array; taken_at_timestamp: bigint };
    subnet.manage("uninstall_code", { ...record(id), sender_canister_version: [] });
    subnet.manage("load_canister_snapshot", { ...record(id), snapshot_id: taken.id, sender_canister_version: [] });
    subnet.manage("update_settings", { ...record(id), settings: settingsOf({ controllers: [candidFromPrincipal(asker), candidFromPrincipal(USER)] }), sender_canister_version: [] });
    const version = subnet.state.canisters.get(asker)!.system.version;
    expect(relay(subnet, asker, "uninstall_code", { ...record(id), sender_canister_version: [version] })).toBeUndefined();
    const { recent_changes: changes, total_num_changes, controllers, module_hash } = info([100n]);
    expect(changes.map(({ details }) => Object.keys(details)[0])).toEqual(["creation", "code_deployment", "code_deployment", "code_deployment", "code_uninstall", "load_snapshot", "controllers_change", "code_uninstall"]);
    expect(changes.map(({ canister_version }) => canister_version)).toEqual([0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n]);
    expect(changes.map(({ details }) => details["code_deployment"]?.["mode"]).filter((mode) => mode !== undefined)).toEqual([{ install: null }, { upgrade: null }, { reinstall: null }]);
    expect(changes[0]).toMatchObject({ origin: { from_user: { user_id: candidFromPrincipal(USER) } }, details: { creation: { controllers: [candidFromPrincipal(USER)], environment_variables_hash: [expect.any(Uint8Array)] } } });
    expect(changes[5]!.details).toMatchObject({ load_snapshot: { from_canister_id: [], snapshot_id: taken.id, canister_version: 3n, taken_at_timestamp: taken.taken_at_timestamp, source: { taken_from_canister: null } } });
    expect(changes[7]!.origin).toEqual({ from_canister: { canister_id: candidFromPrincipal(asker), canister_version: [version] } });
    expect({ total_num_changes, controllers: controllers.length, module_hash }).toEqual({ total_num_changes: 8n, controllers: 2, module_hash: [] });
  });
  test("as many as were asked for, the newest; none by default", () => {
    expect(info([2n]).recent_changes.map(({ canister_version }) => canister_version)).toEqual([6n, 7n]);
    expect(info([(1n << 64n) - 1n]).recent_changes).toHaveLength(8);
    expect([info([]).recent_changes, info([0n]).recent_changes]).toEqual([[], []]);
  });
  test("twenty changes are kept, all are counted", () => {
    const busy = subnet.create();
    for (let i = 0; i < 22; i++) subnet.manage("update_settings", { ...record(busy), settings: settingsOf({ controllers: [candidFromPrincipal(USER)] }), sender_canister_version: [] });
    expect(relay(subnet, asker, "canister_info", { ...record(busy), num_requested_changes: [50n] })).toMatchObject({ total_num_changes: 23n, recent_changes: { length: 20 } });
  });
  test("users ask by query only", () => {
    const arg = encodeCandid(MANAGEMENT_TYPES.canister_info.args, [{ ...record(id), num_requested_changes: [] }]);
    expect(subnet.inspect(subnet.ingress(MANAGEMENT_CANISTER_ID, "canister_info", arg))).toMatchObject({ ok: false, error: { code: "IC0406" } });
    expect(ask(subnet, "canister_info", { ...record(id), num_requested_changes: [1n] }, OTHER)).toMatchObject({ total_num_changes: 8n, recent_changes: { length: 1 } });
  });
});

describe("§ canister_metadata", () => {
  const subnet = createTestSubnet(), asker = subnet.create(), id = subnet.create(undefined, { controllers: [candidFromPrincipal(USER)] });
  subnet.install(asker, RELAY);
  subnet.install(id, withSections({ "icp:public open": "for all", "icp:private closed": "for few" }));
  const meta = (name: string): unknown => relay(subnet, asker, "canister_metadata", { ...record(id), name });
  test("public sections for all, private ones for controllers, and nothing else", () => {
    expect(meta("open")).toEqual({ value: new TextEncoder().encode("for all") });
    expect(meta("closed")).toMatchObject({ code: 4, message: expect.stringContaining("has no metadata section with the name closed.") });
    subnet.manage("update_settings", { ...record(id), settings: settingsOf({ controllers: [candidFromPrincipal(USER), candidFromPrincipal(asker)] }), sender_canister_version: [] });
    expect(meta("closed")).toEqual({ value: new TextEncoder().encode("for few") });
    expect(meta("missing")).toMatchObject({ code: 4 });
    expect(relay(subnet, asker, "canister_metadata", { ...record(subnet.create()), name: "open" })).toMatchObject({ code: 4, message: expect.stringContaining("has no Wasm module and hence no metadata is available.") });
  });
});

describe("§ fetch_canister_logs", () => {
  const subnet = createTestSubnet(), id = subnet.create(undefined, { log_memory_limit: 2n << 20n });
  subnet.install(id, moduleText({ "update say": "(call $msg_arg_data_copy (i32.const 0) (i32.const 0) (call $msg_arg_data_size)) (call $debug_print (i32.const 0) (call $msg_arg_data_size)) (call $msg_reply)" }));
  for (const word of ["a", "b", "c", "d"]) subnet.call(id, "say", new TextEncoder().encode(word));
  type Records = { canister_log_records: { idx: bigint; timestamp_nanos: bigint; content: Uint8Array }[] };
  const fetch = (filter: unknown[] = [], sender = USER): Records => ask(subnet, "fetch_canister_logs", { ...record(id), filter }, sender) as Records;
  const words = ({ canister_log_records: records }: Records): string => records.map(({ content }) => text(content)).join("");

  test("all of them, or those of an interval of indices or times", () => {
    const all = fetch();
    expect([words(all), all.canister_log_records.map(({ idx }) => idx)]).toEqual(["abcd", [0n, 1n, 2n, 3n]]);
    expect(words(fetch([{ by_idx: { start: 1n, end: 3n } }]))).toBe("bc");
    expect(words(fetch([{ by_idx: { start: 3n, end: 1n } }]))).toBe("");
    const [, second, third] = all.canister_log_records;
    expect(words(fetch([{ by_timestamp_nanos: { start: second!.timestamp_nanos, end: third!.timestamp_nanos } }]))).toBe("b");
  });
  test("for controllers and whom log_visibility allows; never as an update", () => {
    expect(fetch([], OTHER)).toMatchObject({ code: "IC0406", message: expect.stringContaining("is not allowed to access canister logs") });
    subnet.manage("update_settings", { ...record(id), settings: settingsOf({ log_visibility: { allowed_viewers: [candidFromPrincipal(OTHER)] } }), sender_canister_version: [] });
    expect(words(fetch([], OTHER))).toBe("abcd");
    expect(subnet.manage("fetch_canister_logs", { ...record(id), filter: [] })).toMatchObject({ code: "IC0406" });
  });
  test("one answer holds the newest records that fit", () => {
    const large = subnet.create(undefined, { log_memory_limit: 2n << 20n });
    subnet.install(large, moduleText({ "update say": "(call $debug_print (i32.const 0) (i32.const 32000)) (call $msg_reply)" }));
    for (let i = 0; i < 64; i++) subnet.call(large, "say");
    const { canister_log_records: records } = ask(subnet, "fetch_canister_logs", { ...record(large), filter: [] }) as Records;
    expect(records.at(-1)!.idx).toBe(63n);
    expect(records.reduce((sum, { content }) => sum + content.length, 0)).toBeLessThanOrEqual(2 << 20);
  });
});

describe("§ subnet_info, node_metrics_history", () => {
  const remote = { id: subnetId(Uint8Array.from([9])), start: canisterIdFromIndex(0x100000n), end: canisterIdFromIndex(0x1fffffn) };
  const subnet = createTestSubnet({ remote }), asker = subnet.create(), own = { subnet_id: candidFromPrincipal(subnet.state.subnetId as never) };
  subnet.install(asker, RELAY);
  test("versions of the own subnet", () => {
    expect(relay(subnet, asker, "subnet_info", own)).toEqual({ replica_version: ICX_VERSION, registry_version: 1n });
    expect(subnet.inspect(subnet.ingress(MANAGEMENT_CANISTER_ID, "subnet_info", encodeCandid(MANAGEMENT_TYPES.subnet_info.args, [own])))).toMatchObject({ ok: false, error: { code: "IC0406" } });
  });
  test("a call about another subnet goes there", () => {
    const arg = encodeCandid(MANAGEMENT_TYPES.subnet_info.args, [{ subnet_id: candidFromPrincipal(remote.id as never) }]);
    subnet.round([subnet.ingress(asker, "relay", Buffer.concat([Buffer.alloc(8), Buffer.from([11]), Buffer.from("subnet_info"), arg]))]);
    subnet.round();
    expect(subnet.state.streams.get(remote.id)!.messages).toMatchObject([{ kind: "request", method: "subnet_info", receiver: MANAGEMENT_CANISTER_ID }]);
  });
  test("canisters of other subnets get no randomness and no canisters here", () => {
    for (const [callback, method] of ["raw_rand", "create_canister"].entries()) {
      const arg = encodeCandid(MANAGEMENT_TYPES[method as "raw_rand"].args, method === "raw_rand" ? [] : [{ settings: [], sender_canister_version: [] }]);
      subnet.state = { ...subnet.state, subnetQueue: [{ kind: "request", sender: canisterIdFromIndex(0x100005n), receiver: MANAGEMENT_CANISTER_ID, callback, method, arg, cycles: cycles(7n), senderVersion: 0n }] };
      subnet.round();
      expect(subnet.state.streams.get(remote.id)!.messages.at(-1)).toMatchObject({ kind: "response", callback, refund: 7n, payload: { kind: "reject", errorCode: "IC0504", message: expect.stringContaining("Incorrect sender subnet id") } });
    }
  });
  test("one sample a day, summed from genesis", () => {
    const node = (n: number): NodeId => `0${n}` as NodeId, day = 86_400n * 1_000_000_000n;
    let history = withBlock(undefined, node(2), time(START));
    history = withBlock(withBlock(history, node(1), time(START + 1n)), node(2), time(START + 2n));
    history = withBlock(history, node(1), time(START + day));
    expect(history).toEqual([
      { at: START + 2n, nodes: [{ node: node(1), proposed: 1n, failed: 0n }, { node: node(2), proposed: 2n, failed: 0n }] },
      { at: START + day, nodes: [{ node: node(1), proposed: 2n, failed: 0n }, { node: node(2), proposed: 2n, failed: 0n }] },
    ]);
    for (let i = 2n; i < 70n; i++) history = withBlock(history, node(1), time(START + i * day));
    expect(history).toHaveLength(60);
    subnet.state = { ...subnet.state, nodeMetrics: history };
    const answer = relay(subnet, asker, "node_metrics_history", { ...own, start_at_timestamp_nanos: START + 68n * day }) as { timestamp_nanos: bigint; node_metrics: unknown[] }[];
    expect(answer.map(({ timestamp_nanos }) => timestamp_nanos)).toEqual([START + 68n * day, START + 69n * day]);
    expect(answer[1]!.node_metrics[0]).toMatchObject({ num_blocks_proposed_total: 70n, num_block_failures_total: 0n });
  });
});

describe("§ Subnet admins", () => {
  const subnet = createTestSubnet({ admins: [OTHER] });
  test("create canisters without cycles, and list them", () => {
    const arg = encodeCandid(MANAGEMENT_TYPES.create_canister.args, [{ settings: [], sender_canister_version: [] }]);
    expect(subnet.inspect(subnet.ingress(MANAGEMENT_CANISTER_ID, "create_canister", arg, OTHER))).toEqual({ ok: true, value: undefined });
    expect(subnet.inspect(subnet.ingress(MANAGEMENT_CANISTER_ID, "create_canister", arg, USER))).toMatchObject({ ok: false, error: { code: "IC0410" } });
    const made = [1, 2, 3].map(() => subnet.manage("create_canister", { settings: [], sender_canister_version: [] }, OTHER)) as { canister_id: unknown }[];
    expect(subnet.state.canisters.size).toBe(3);
    subnet.manage("provisional_create_canister_with_cycles", { amount: [], settings: [], specified_id: [candidFromPrincipal(canisterIdFromIndex(0x50n))], sender_canister_version: [] });
    expect(ask(subnet, "list_canisters", undefined, OTHER)).toEqual({ canisters: [{ start: made[0]!.canister_id, end: made[2]!.canister_id }, { start: candidFromPrincipal(canisterIdFromIndex(0x50n)), end: candidFromPrincipal(canisterIdFromIndex(0x50n)) }] });
    expect(ask(subnet, "list_canisters", undefined, USER)).toMatchObject({ code: "IC0410" });
    expect(subnet.call(MANAGEMENT_CANISTER_ID, "list_canisters", encodeCandid([], []), OTHER)).toMatchObject({ kind: "failed", code: "IC0406" });
  });
  test("stop, start, delete and uninstall what others control, read status and metrics, and no more", () => {
    const id = subnet.create();
    for (const method of ["canister_status", "canister_metrics"] as const) expect(subnet.manage(method, record(id), OTHER)).not.toHaveProperty("code");
    for (const method of ["uninstall_code", "start_canister", "stop_canister"] as const) expect(subnet.manage(method, { ...record(id), sender_canister_version: [] }, OTHER)).toBeUndefined();
    expect(subnet.manage("update_settings", { ...record(id), settings: settingsOf({}), sender_canister_version: [] }, OTHER)).toMatchObject({ code: "IC0512" });
    expect(subnet.manage("start_canister", record(id), "cc".repeat(28) + "02" as typeof OTHER)).toMatchObject({ code: "IC0541", message: expect.stringContaining("Subnet admins: ") });
    expect(subnet.manage("delete_canister", record(id), OTHER)).toBeUndefined();
  });
  test("pay nothing there; a subnet without admins says that it has none", () => {
    const id = subnet.create(7n), plain = createTestSubnet();
    expect(subnet.install(id, RELAY)).toBeUndefined();
    subnet.round([], 1_000_000);
    subnet.manage("start_canister", record(id));
    expect(subnet.state.canisters.get(id)!.system.balance).toBe(7n);
    expect(ask(plain, "list_canisters", undefined)).toMatchObject({ code: "IC0406", message: "list_canisters is only available on subnets with subnet admins" });
    expect(plain.inspect(plain.ingress(MANAGEMENT_CANISTER_ID, "create_canister", encodeCandid(MANAGEMENT_TYPES.create_canister.args, [{ settings: [], sender_canister_version: [] }])))).toMatchObject({ ok: false, error: { code: "IC0406" } });
  });
});

describe("§ Composite queries may ask the management canister", () => {
  /** Asks `aaaaa-aa`: the argument is the length of the method, the method, its argument; answers the reply, or `!` and the reject's message. */
  const COMPOSER = moduleText({
    "composite_query ask": `(local $name i32) (call $msg_arg_data_copy (i32.const 0) (i32.const 0) (call $msg_arg_data_size)) (local.set $name (i32.load8_u (i32.const 0)))
      (call $call_new (i32.const 0) (i32.const 0) (i32.const 1) (local.get $name) (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 0))
      (call $call_data_append (i32.add (i32.const 1) (local.get $name)) (i32.sub (i32.sub (call $msg_arg_data_size) (i32.const 1)) (local.get $name))) (drop (call $call_perform))`,
  }, {
    prelude: `(table funcref (elem $onReply $onReject))
      (func $onReply (param i32) (call $msg_arg_data_copy (i32.const 0) (i32.const 0) (call $msg_arg_data_size)) (call $msg_reply_data_append (i32.const 0) (call $msg_arg_data_size)) (call $msg_reply))
      (func $onReject (param i32) (i32.store8 (i32.const 0) (i32.const 33)) (call $msg_reject_msg_copy (i32.const 1) (i32.const 0) (call $msg_reject_msg_size))
        (call $msg_reply_data_append (i32.const 0) (i32.add (i32.const 1) (call $msg_reject_msg_size))) (call $msg_reply))`,
  });
  const subnet = createTestSubnet({ admins: [canisterIdFromIndex(0x10n)] }), id = subnet.create(), other = subnet.create(undefined, { controllers: [candidFromPrincipal(canisterIdFromIndex(0x10n)), candidFromPrincipal(USER)] });
  subnet.install(id, COMPOSER);
  const compose = (method: string, args: Record<string, unknown> | undefined): unknown => {
    const types = MANAGEMENT_TYPES[method as ManagementMethodName], arg = encodeCandid(types?.args ?? [], args === undefined ? [] : [args]);
    const answer = subnet.query(id, "ask", Buffer.concat([Buffer.from([method.length]), Buffer.from(method), arg]));
    if (!answer.ok) return answer.error;
    if (answer.value[0] === 33) return text(answer.value.subarray(1));
    const decoded = decodeCandid(types.results, answer.value);
    return decoded.ok ? decoded.value[0] : decoded.error;
  };
  test("four methods answer as they answer users", () => {
    expect(compose("canister_status", record(id))).toMatchObject({ status: { running: null } });
    expect(compose("canister_metrics", record(other))).toEqual(ask(subnet, "canister_metrics", record(other)));
    expect(compose("fetch_canister_logs", { ...record(other), filter: [] })).toEqual({ canister_log_records: [] });
    expect(compose("list_canisters", undefined)).toMatchObject({ canisters: { length: 1 } });
  });
  test("with the rights of the calling canister, and only what is a query", () => {
    const foreign = subnet.create();
    expect(compose("fetch_canister_logs", { ...record(foreign), filter: [] })).toMatch(/^Caller .* is not allowed to access canister logs$/);
    expect(compose("canister_status", record("00000000000000990101" as CanisterId))).toMatch(/not found$/);
    expect(compose("raw_rand", undefined)).toBe("Query method raw_rand not found.");
    expect(compose("stop_canister", record(id))).toBe("Query method stop_canister not found.");
  });
});
