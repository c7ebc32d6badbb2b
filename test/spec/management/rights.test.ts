import { describe, expect, test } from "vitest";
import { candidFromPrincipal, encodeCandid } from "../../../src/replica/codec/candid.ts";
import { MANAGEMENT_TYPES, type ManagementMethodName } from "../../../src/replica/codec/candidManagement.ts";
import { managementMethods } from "../../../src/replica/execution/management/managementMethods.ts";
import { type CanisterId, MANAGEMENT_CANISTER_ID, type Principal } from "../../../src/replica/types/index.ts";
import { moduleText } from "../../unit/replica/execution/testModule.ts";
import { OTHER, type TestSubnet, USER, createTestSubnet, settingsOf, text, wasmFromText } from "../../unit/replica/execution/testSubnet.ts";

const GOVERNANCE = "00000000000000010101" as Principal;
const MODULE = moduleText({ "update ping": "(call $msg_reply)" });
const WASM = wasmFromText(MODULE);
const NONE = new Uint8Array(0), HASH = new Uint8Array(32);
/** Arguments that decode, for each method about a canister; beside `canister_id`. */
const ARGS: Readonly<Record<string, Record<string, unknown>>> = {
  canister_info: { num_requested_changes: [] }, canister_metadata: { name: "x" }, canister_metrics: {}, canister_status: {}, clear_chunk_store: {}, delete_canister: {}, deposit_cycles: {},
  delete_canister_snapshot: { snapshot_id: NONE }, fetch_canister_logs: { filter: [] }, list_canister_snapshots: {}, start_canister: {}, stop_canister: {}, stored_chunks: {},
  install_code: { mode: { install: null }, wasm_module: WASM, arg: NONE, sender_canister_version: [] }, load_canister_snapshot: { snapshot_id: NONE, sender_canister_version: [] },
  install_chunked_code: { mode: { install: null }, store_canister: [], chunk_hashes_list: [], wasm_module_hash: HASH, arg: NONE, sender_canister_version: [] },
  provisional_top_up_canister: { amount: 1n }, read_canister_snapshot_data: { snapshot_id: NONE, kind: { wasm_chunk: { hash: HASH } } }, read_canister_snapshot_metadata: { snapshot_id: NONE },
  take_canister_snapshot: { replace_snapshot: [], uninstall_code: [], sender_canister_version: [] }, uninstall_code: { sender_canister_version: [] },
  update_settings: { settings: settingsOf({}), sender_canister_version: [] }, upload_canister_snapshot_data: { snapshot_id: NONE, kind: { wasm_chunk: null }, chunk: NONE }, upload_chunk: { chunk: NONE },
  upload_canister_snapshot_metadata: {
    replace_snapshot: [], wasm_module_size: 1n, globals: [], wasm_memory_size: 0n, stable_memory_size: 0n, certified_data: NONE, global_timer: [], on_low_wasm_memory_hook_status: [],
  },
};
/** What others than controllers are told. Methods that are not here are for everyone. */
const REFUSED: Readonly<Record<string, string>> = {
  canister_metrics: "IC0512", canister_status: "IC0542", clear_chunk_store: "IC0512", delete_canister: "IC0512", delete_canister_snapshot: "IC0512", fetch_canister_logs: "IC0406", install_chunked_code: "IC0512",
  install_code: "IC0512", list_canister_snapshots: "IC0406", load_canister_snapshot: "IC0512", read_canister_snapshot_data: "IC0406", read_canister_snapshot_metadata: "IC0406", start_canister: "IC0512",
  stop_canister: "IC0512", stored_chunks: "IC0512", take_canister_snapshot: "IC0512", uninstall_code: "IC0512", update_settings: "IC0512", upload_canister_snapshot_data: "IC0512",
  upload_canister_snapshot_metadata: "IC0512", upload_chunk: "IC0512",
};
const argOf = (method: string, id: CanisterId): Uint8Array => {
  const name = method === "install_chunked_code" ? "target_canister" : "canister_id";
  return encodeCandid(MANAGEMENT_TYPES[method as ManagementMethodName].args, [{ ...ARGS[method], [name]: candidFromPrincipal(id) }]);
};
const methods = [...managementMethods.values()].filter(({ target }) => target !== undefined).map(({ name, ingress }) => ({ name, ingress: ingress === true }));
const code = (subnet: TestSubnet, method: string, id: CanisterId, sender: Principal): string | undefined => {
  const checked = subnet.inspect(subnet.ingress(MANAGEMENT_CANISTER_ID, method, argOf(method, id), sender));
  return checked.ok ? undefined : checked.error.code;
};

describe("§ Management canister, who may call what", () => {
  const subnet = createTestSubnet(), id = subnet.create();
  test("every method about a canister has arguments here", () => expect(methods.map(({ name }) => name).sort()).toEqual(Object.keys(ARGS).sort()));
  test.each(methods.filter(({ ingress }) => ingress))("$name: controllers, and who else the specification names", ({ name }) => {
    expect(code(subnet, name, id, USER)).toBeUndefined();
    expect(code(subnet, name, id, OTHER)).toBe(REFUSED[name]);
    expect(code(subnet, name, "00000000000000990101" as CanisterId, USER)).toBe("IC0301");
  });
  test.each(methods.filter(({ ingress }) => !ingress))("$name: not for users", ({ name }) => expect(code(subnet, name, id, USER)).toBe("IC0406"));
  test("the canister itself: its status and its chunks", () => {
    const own = ["canister_status", "upload_chunk", "stored_chunks", "clear_chunk_store"];
    expect(methods.filter(({ name, ingress }) => ingress && REFUSED[name] !== undefined && code(subnet, name, id, id) === undefined).map(({ name }) => name).sort()).toEqual(own.sort());
  });
  test("the governance canister uninstalls any canister, and does nothing else with it", () => {
    expect(methods.filter(({ name, ingress }) => ingress && REFUSED[name] !== undefined && code(subnet, name, id, GOVERNANCE) === undefined).map(({ name }) => name)).toEqual(["uninstall_code"]);
  });
  test("the same is judged when the message is executed", () => {
    for (const { name, ingress } of methods) {
      if (!ingress || REFUSED[name] === undefined) continue;
      expect(subnet.call(MANAGEMENT_CANISTER_ID, name, argOf(name, id), OTHER)).toMatchObject({ kind: "failed", code: REFUSED[name] });
    }
  });
  test.each([...managementMethods.keys()])("%s: arguments that do not decode are refused before and after the message is taken", (method) => {
    const broken = Uint8Array.of(0x44, 0x49, 0x44, 0x4c, 1, 0x7f), message = subnet.ingress(MANAGEMENT_CANISTER_ID, method, broken);
    if (MANAGEMENT_TYPES[method as ManagementMethodName].args.length > 0) expect(subnet.inspect(message)).toMatchObject({ ok: false, error: { code: "IC0408" } });
    expect(["IC0406", "IC0408"]).toContain((subnet.call(MANAGEMENT_CANISTER_ID, method, broken) as { code?: string }).code);
  });
  test("methods that nobody knows", () => {
    expect(subnet.inspect(subnet.ingress(MANAGEMENT_CANISTER_ID, "nothing"))).toMatchObject({ ok: false, error: { code: "IC0407", message: "Management canister has no method 'nothing'" } });
    expect(subnet.query(MANAGEMENT_CANISTER_ID, "nothing")).toMatchObject({ ok: false, error: { code: "IC0536", message: "Query method nothing not found." } });
  });
});

describe("§ Life of a canister", () => {
  const record = (id: CanisterId): { canister_id: unknown } => ({ canister_id: candidFromPrincipal(id) });
  test("provisional creation: ids of the subnet's ranges, each once; amounts as asked", () => {
    const subnet = createTestSubnet(), create = (specified: [] | [string], amount: [] | [bigint] = []): unknown =>
      subnet.manage("provisional_create_canister_with_cycles", { amount, settings: [], specified_id: specified.map((id) => candidFromPrincipal(id as CanisterId)), sender_canister_version: [] });
    expect(create(["00000000000000200101"], [5n])).toMatchObject({ canister_id: candidFromPrincipal("00000000000000200101" as CanisterId) });
    expect(subnet.state.canisters.get("00000000000000200101" as CanisterId)!.system.balance).toBe(5n);
    expect(create(["00000000000000200101"])).toMatchObject({ code: "IC0205", message: expect.stringContaining("already exists") });
    expect(create(["000000000fffff0f0101"])).toMatchObject({ code: "IC0408", message: expect.stringContaining("does not belong to the canister ranges") });
    expect(create([OTHER])).toMatchObject({ code: "IC0408" });
    create([], [1n << 130n]);
    expect([...subnet.state.canisters].map(([, { system }]) => system.balance)).toContain((1n << 128n) - 1n);
  });
  test("deletion: stopped first, not by itself, and its cycles are gone", () => {
    const subnet = createTestSubnet(), id = subnet.create(1_000_000_000_000n);
    expect(subnet.manage("delete_canister", record(id))).toMatchObject({ code: "IC0510", message: expect.stringContaining("must be stopped before it is deleted.") });
    expect(subnet.manage("stop_canister", record(id))).toBeUndefined();
    expect(subnet.manage("delete_canister", record(id))).toBeUndefined();
    expect(subnet.state.metrics).toMatchObject({ canisterStateBytes: 0n, allocatedBytes: 0n });
    expect(subnet.state.metrics.consumedCyclesTotal).toBe(1_000_000_000_000n); // three inductions, and what was left
    expect(subnet.state.due.size).toBe(0);
  });
  test("chunks: up to a MiB each, a hundred of them, named by hash", () => {
    const subnet = createTestSubnet(), id = subnet.create();
    expect(subnet.manage("upload_chunk", { ...record(id), chunk: new Uint8Array((1 << 20) + 1) })).toMatchObject({ code: "IC0504", message: "Error from Wasm chunk store: Wasm chunk size 1048577 exceeds the maximum chunk size of 1048576." });
    const hashes = Array.from({ length: 3 }, (_, i) => subnet.manage("upload_chunk", { ...record(id), chunk: WASM.subarray(Math.floor((i * WASM.length) / 3), Math.floor(((i + 1) * WASM.length) / 3)) })) as { hash: Uint8Array }[];
    const args = { mode: { install: null }, target_canister: candidFromPrincipal(id), store_canister: [], chunk_hashes_list: hashes, arg: NONE, sender_canister_version: [] };
    expect(subnet.manage("install_chunked_code", { ...args, wasm_module_hash: HASH })).toMatchObject({ code: "IC0504", message: expect.stringContaining("does not match given hash") });
    expect(subnet.manage("install_chunked_code", { ...args, chunk_hashes_list: [{ hash: HASH }], wasm_module_hash: HASH })).toMatchObject({ code: "IC0504", message: expect.stringContaining("was not found") });
    const plain = subnet.create();
    const balance = (of: CanisterId): bigint => subnet.state.canisters.get(of)!.system.balance, price = (of: CanisterId, work: () => void): bigint => { const before = balance(of); work(); return before - balance(of); };
    const whole = price(plain, () => subnet.install(plain, WASM));
    const inChunks = price(id, () => expect(subnet.manage("install_chunked_code", { ...args, wasm_module_hash: subnet.state.canisters.get(plain)!.execution!.moduleHash })).toBeUndefined());
    expect(inChunks - whole).toBe(3n * 1_048_576n); // an instruction for each byte that a chunk could have
    expect(subnet.call(id, "ping")).toMatchObject({ kind: "completed" });
  });
  test("an install without cycles for its instructions, or into a full subnet, installs nothing", () => {
    const poor = createTestSubnet(), id = poor.create(300_000_000_000n);
    expect(poor.install(id, MODULE)).toMatchObject({ code: "IC0207", message: expect.stringMatching(/^Canister installation failed with `Canister .* is out of cycles: please top up the canister with at least [\d_]+ additional cycles`\.$/) });
    const full = createTestSubnet({ params: { memoryBytes: 50_000n, memoryThreshold: 50_000n } }), other = full.create();
    expect(full.install(other, MODULE)).toMatchObject({ code: "IC0101" });
    expect(full.state.canisters.get(other)!.execution).toBeUndefined();
    expect(full.state.canisters.get(other)!.system.history).toHaveLength(1);
  });
  test("a kept heap that the new module has no room for is refused, and the canister runs on", () => {
    const subnet = createTestSubnet(), id = subnet.create(), section = (pages: number, pagesMax: number): Uint8Array => {
      const name = "icp:private enhanced-orthogonal-persistence", body = Buffer.concat([Buffer.from([name.length]), Buffer.from(name)]);
      return new Uint8Array(Buffer.concat([wasmFromText(moduleText({ "update ping": "(call $msg_reply)" }, { pages, pagesMax })), Buffer.from([0, body.length]), body]));
    };
    const keep = { upgrade: [{ skip_pre_upgrade: [], wasm_memory_persistence: [{ keep: null }] }] };
    expect(subnet.install(id, section(5, 9))).toBeUndefined();
    expect(subnet.install(id, section(1, 4), keep)).toMatchObject({ code: "IC0521", message: expect.stringContaining("memory of 5 pages is larger than the maximum of 4") });
    expect(subnet.install(id, section(1, 5), keep)).toBeUndefined();
    expect(subnet.call(id, "ping")).toMatchObject({ kind: "completed" });
  });
  test("installs beyond the rate of the mainnet's profile wait until rounds have made up for them", () => {
    const subnet = createTestSubnet({ params: { installRate: 1_000_000n } }), id = subnet.create();
    expect(subnet.install(id, moduleText({ "update ping": "(call $msg_reply)", init: "(local $i i32) (loop $more (br_if $more (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 400000))))" }))).toBeUndefined();
    expect(subnet.install(id, MODULE, { reinstall: null })).toMatchObject({ code: "IC0209", message: expect.stringContaining("is rate limited because it executed too many instructions in the previous install_code messages") });
    for (let i = 0; i < 6; i++) subnet.round();
    expect(subnet.install(id, MODULE, { reinstall: null })).toBeUndefined();
  });
  test("a stopped canister with nothing on its way is ready for migration", () => {
    const subnet = createTestSubnet(), id = subnet.create(), ready = (): boolean => (subnet.manage("canister_status", record(id)) as { ready_for_migration: boolean }).ready_for_migration;
    expect(ready()).toBe(false);
    subnet.manage("stop_canister", record(id));
    expect(ready()).toBe(true);
  });
  test("uninstall keeps snapshots and settings, and empties the rest", () => {
    const subnet = createTestSubnet(), id = subnet.create(undefined, { freezing_threshold: 5n });
    subnet.install(id, moduleText({ "update ping": "(call $msg_reply)", init: "(call $debug_print (i32.const 0) (i32.const 3)) (call $certified_data_set (i32.const 0) (i32.const 1)) (drop (call $global_timer_set (i64.const 99)))" }));
    subnet.manage("upload_chunk", { ...record(id), chunk: NONE });
    subnet.manage("take_canister_snapshot", { ...record(id), ...ARGS["take_canister_snapshot"] });
    expect(subnet.manage("uninstall_code", { ...record(id), sender_canister_version: [] })).toBeUndefined();
    const { system, execution, snapshots } = subnet.state.canisters.get(id)!;
    expect({ execution, snapshots: snapshots!.length, chunks: system.chunkStore, logs: system.logs, timer: system.globalTimer, certified: system.certifiedData.length, threshold: system.settings.freezingThreshold })
      .toEqual({ execution: undefined, snapshots: 1, chunks: [], logs: [], timer: 0n, certified: 0, threshold: 5n });
    const answer = subnet.call(id, "ping");
    expect(answer.kind === "failed" && text(new TextEncoder().encode(answer.message))).toMatch(/contains no Wasm module/);
  });
});
