import { IDL } from "@dfinity/candid";
import type { CandidPrincipal } from "./candid.ts";

/* The interface of the management canister as candid types: interface specification, ic.did (0.66). */
type Opt<T> = [] | [T];
const { Nat, Nat8, Nat64, Text, Bool, Principal, Null, Reserved, Record, Variant, Vec } = IDL;
const Opt = IDL.Opt, Blob = Vec(Nat8);

/** A record or variant hashes its labels when it is built, all of these together for some 30 ms: each is built when it is first used. */
function once<T>(build: () => T): () => T {
  let built: { readonly value: T } | undefined;
  return () => (built ??= { value: build() }).value;
}

const Visibility = once(() => Variant({ controllers: Null, public: Null, allowed_viewers: Vec(Principal) }));
export type VisibilityCandid = { controllers: null } | { public: null } | { allowed_viewers: CandidPrincipal[] };
const EnvironmentVariable = once(() => Record({ name: Text, value: Text }));

const CanisterSettings = once(() => Record({
  controllers: Opt(Vec(Principal)), compute_allocation: Opt(Nat), memory_allocation: Opt(Nat), freezing_threshold: Opt(Nat), reserved_cycles_limit: Opt(Nat),
  minimum_incoming_canister_call_cycles: Opt(Nat), log_visibility: Opt(Visibility()), snapshot_visibility: Opt(Visibility()), status_visibility: Opt(Visibility()),
  wasm_memory_limit: Opt(Nat), wasm_memory_threshold: Opt(Nat), environment_variables: Opt(Vec(EnvironmentVariable())), log_memory_limit: Opt(Nat),
}));
export interface CanisterSettingsCandid {
  controllers: Opt<CandidPrincipal[]>; compute_allocation: Opt<bigint>; memory_allocation: Opt<bigint>; freezing_threshold: Opt<bigint>; reserved_cycles_limit: Opt<bigint>;
  minimum_incoming_canister_call_cycles: Opt<bigint>; log_visibility: Opt<VisibilityCandid>; snapshot_visibility: Opt<VisibilityCandid>; status_visibility: Opt<VisibilityCandid>;
  wasm_memory_limit: Opt<bigint>; wasm_memory_threshold: Opt<bigint>; environment_variables: Opt<{ name: string; value: string }[]>; log_memory_limit: Opt<bigint>;
}
const DefiniteSettings = once(() => Record({
  controllers: Vec(Principal), compute_allocation: Nat, memory_allocation: Nat, freezing_threshold: Nat, reserved_cycles_limit: Nat,
  minimum_incoming_canister_call_cycles: Nat, log_visibility: Visibility(), snapshot_visibility: Visibility(), status_visibility: Visibility(),
  wasm_memory_limit: Nat, wasm_memory_threshold: Nat, environment_variables: Vec(EnvironmentVariable()), log_memory_limit: Nat,
}));

const InstallMode = once(() => Variant({
  install: Null, reinstall: Null, upgrade: Opt(Record({ skip_pre_upgrade: Opt(Bool), wasm_memory_persistence: Opt(Variant({ keep: Null, replace: Null })) })),
}));
export type InstallModeCandid = { install: null } | { reinstall: null } | { upgrade: Opt<{ skip_pre_upgrade: Opt<boolean>; wasm_memory_persistence: Opt<{ keep: null } | { replace: null }> }> };

const SenderVersion = Opt(Nat64);
const ChunkHash = once(() => Record({ hash: Blob }));
const CanisterIdRecord = once(() => Record({ canister_id: Principal }));
const ChangeOrigin = once(() => Variant({ from_user: Record({ user_id: Principal }), from_canister: Record({ canister_id: Principal, canister_version: Opt(Nat64) }) }));
const SnapshotSource = once(() => Variant({ taken_from_canister: Reserved, metadata_upload: Reserved }));
const ChangeDetails = once(() => Variant({
  creation: Record({ controllers: Vec(Principal), environment_variables_hash: Opt(Blob) }), code_uninstall: Null,
  code_deployment: Record({ mode: Variant({ install: Null, reinstall: Null, upgrade: Null }), module_hash: Blob }), controllers_change: Record({ controllers: Vec(Principal) }),
  load_snapshot: Record({ from_canister_id: Opt(Principal), snapshot_id: Blob, canister_version: Nat64, taken_at_timestamp: Nat64, source: SnapshotSource() }),
  rename_canister: Record({
    canister_id: Principal, total_num_changes: Nat64, rename_to: Record({ canister_id: Principal, version: Nat64, total_num_changes: Nat64 }), requested_by: Principal,
  }),
}));
const LogFilter = once(() => Variant({ by_idx: Record({ start: Nat64, end: Nat64 }), by_timestamp_nanos: Record({ start: Nat64, end: Nat64 }) }));

const Snapshot = once(() => Record({ id: Blob, taken_at_timestamp: Nat64, total_size: Nat64 }));
const Global = once(() => Variant({ i32: IDL.Int32, i64: IDL.Int64, f32: IDL.Float32, f64: IDL.Float64, v128: Nat }));
export type GlobalCandid = { i32: number } | { i64: bigint } | { f32: number } | { f64: number } | { v128: bigint };
const GlobalTimer = once(() => Variant({ inactive: Null, active: Nat64 }));
export type GlobalTimerCandid = { inactive: null } | { active: bigint };
const HookStatus = once(() => Variant({ condition_not_satisfied: Null, ready: Null, executed: Null }));
export type HookStatusCandid = { condition_not_satisfied: null } | { ready: null } | { executed: null };
const Slice = once(() => Record({ offset: Nat64, size: Nat64 })), Offset = once(() => Record({ offset: Nat64 }));
interface SliceCandid { readonly offset: bigint; readonly size: bigint }
export type SnapshotReadCandid = { wasm_module: SliceCandid } | { wasm_memory: SliceCandid } | { stable_memory: SliceCandid } | { wasm_chunk: { hash: Uint8Array } };
export type SnapshotWriteCandid = { wasm_module: { offset: bigint } } | { wasm_memory: { offset: bigint } } | { stable_memory: { offset: bigint } } | { wasm_chunk: null };

const METHODS = {
  create_canister: () => ({ args: [Record({ settings: Opt(CanisterSettings()), sender_canister_version: SenderVersion })], results: [CanisterIdRecord()] }),
  provisional_create_canister_with_cycles: () => ({
    args: [Record({ amount: Opt(Nat), settings: Opt(CanisterSettings()), specified_id: Opt(Principal), sender_canister_version: SenderVersion })], results: [CanisterIdRecord()],
  }),
  provisional_top_up_canister: () => ({ args: [Record({ canister_id: Principal, amount: Nat })], results: [] }),
  update_settings: () => ({ args: [Record({ canister_id: Principal, settings: CanisterSettings(), sender_canister_version: SenderVersion })], results: [] }),
  install_code: () => ({ args: [Record({ mode: InstallMode(), canister_id: Principal, wasm_module: Blob, arg: Blob, sender_canister_version: SenderVersion })], results: [] }),
  install_chunked_code: () => ({
    args: [Record({ mode: InstallMode(), target_canister: Principal, store_canister: Opt(Principal), chunk_hashes_list: Vec(ChunkHash()), wasm_module_hash: Blob, arg: Blob, sender_canister_version: SenderVersion })],
    results: [],
  }),
  upload_chunk: () => ({ args: [Record({ canister_id: Principal, chunk: Blob })], results: [ChunkHash()] }),
  stored_chunks: () => ({ args: [CanisterIdRecord()], results: [Vec(ChunkHash())] }),
  clear_chunk_store: () => ({ args: [CanisterIdRecord()], results: [] }),
  uninstall_code: () => ({ args: [Record({ canister_id: Principal, sender_canister_version: SenderVersion })], results: [] }),
  start_canister: () => ({ args: [CanisterIdRecord()], results: [] }),
  stop_canister: () => ({ args: [CanisterIdRecord()], results: [] }),
  delete_canister: () => ({ args: [CanisterIdRecord()], results: [] }),
  deposit_cycles: () => ({ args: [CanisterIdRecord()], results: [] }),
  raw_rand: () => ({ args: [], results: [Blob] }),
  canister_status: () => ({
    args: [CanisterIdRecord()],
    results: [Record({
      status: Variant({ running: Null, stopping: Null, stopped: Null }), ready_for_migration: Bool, version: Nat64, settings: DefiniteSettings(), module_hash: Opt(Blob), memory_size: Nat,
      memory_metrics: Record({
        wasm_memory_size: Nat, stable_memory_size: Nat, global_memory_size: Nat, wasm_binary_size: Nat, custom_sections_size: Nat, canister_history_size: Nat,
        wasm_chunk_store_size: Nat, snapshots_size: Nat, log_memory_store_size: Nat,
      }),
      cycles: Nat, reserved_cycles: Nat, idle_cycles_burned_per_day: Nat,
      query_stats: Record({ num_calls_total: Nat, num_instructions_total: Nat, request_payload_bytes_total: Nat, response_payload_bytes_total: Nat }),
    })],
  }),
  canister_info: () => ({
    args: [Record({ canister_id: Principal, num_requested_changes: Opt(Nat64) })],
    results: [Record({
      total_num_changes: Nat64, module_hash: Opt(Blob), controllers: Vec(Principal),
      recent_changes: Vec(Record({ timestamp_nanos: Nat64, canister_version: Nat64, origin: ChangeOrigin(), details: ChangeDetails() })),
    })],
  }),
  canister_metrics: () => ({
    args: [CanisterIdRecord()],
    results: [Record({ cycles_consumed: Record({
      memory: Nat, compute_allocation: Nat, ingress_induction: Nat, instructions: Nat, request_and_response_transmission: Nat, uninstall: Nat, canister_creation: Nat,
      http_outcalls: Nat, burned_cycles: Nat,
    }) })],
  }),
  take_canister_snapshot: () => ({
    args: [Record({ canister_id: Principal, replace_snapshot: Opt(Blob), uninstall_code: Opt(Bool), sender_canister_version: SenderVersion })], results: [Snapshot()],
  }),
  load_canister_snapshot: () => ({ args: [Record({ canister_id: Principal, snapshot_id: Blob, sender_canister_version: SenderVersion })], results: [] }),
  list_canister_snapshots: () => ({ args: [CanisterIdRecord()], results: [Vec(Snapshot())] }),
  delete_canister_snapshot: () => ({ args: [Record({ canister_id: Principal, snapshot_id: Blob })], results: [] }),
  // The specification has optional globals and source here; what is given is a subtype that older clients read too.
  read_canister_snapshot_metadata: () => ({
    args: [Record({ canister_id: Principal, snapshot_id: Blob })],
    results: [Record({
      source: SnapshotSource(), taken_at_timestamp: Nat64, wasm_module_size: Nat64, globals: Vec(Global()), wasm_memory_size: Nat64, stable_memory_size: Nat64,
      wasm_chunk_store: Vec(ChunkHash()), canister_version: Nat64, certified_data: Blob, global_timer: Opt(GlobalTimer()), on_low_wasm_memory_hook_status: Opt(HookStatus()),
    })],
  }),
  read_canister_snapshot_data: () => ({
    args: [Record({
      canister_id: Principal, snapshot_id: Blob, kind: Variant({ wasm_module: Slice(), wasm_memory: Slice(), stable_memory: Slice(), wasm_chunk: Record({ hash: Blob }) }),
    })],
    results: [Record({ chunk: Blob })],
  }),
  upload_canister_snapshot_metadata: () => ({
    args: [Record({
      canister_id: Principal, replace_snapshot: Opt(Blob), wasm_module_size: Nat64, globals: Vec(Global()), wasm_memory_size: Nat64, stable_memory_size: Nat64, certified_data: Blob,
      global_timer: Opt(GlobalTimer()), on_low_wasm_memory_hook_status: Opt(HookStatus()),
    })],
    results: [Record({ snapshot_id: Blob })],
  }),
  upload_canister_snapshot_data: () => ({
    args: [Record({
      canister_id: Principal, snapshot_id: Blob, kind: Variant({ wasm_module: Offset(), wasm_memory: Offset(), stable_memory: Offset(), wasm_chunk: Null }), chunk: Blob,
    })],
    results: [],
  }),
  subnet_info: () => ({ args: [Record({ subnet_id: Principal })], results: [Record({ replica_version: Text, registry_version: Nat64 })] }),
  node_metrics_history: () => ({
    args: [Record({ subnet_id: Principal, start_at_timestamp_nanos: Nat64 })],
    results: [Vec(Record({
      timestamp_nanos: Nat64, node_metrics: Vec(Record({ node_id: Principal, num_blocks_proposed_total: Nat64, num_block_failures_total: Nat64 })),
    }))],
  }),
  list_canisters: () => ({ args: [], results: [Record({ canisters: Vec(Record({ start: Principal, end: Principal })) })] }),
  canister_metadata: () => ({ args: [Record({ canister_id: Principal, name: Text })], results: [Record({ value: Blob })] }),
  fetch_canister_logs: () => ({
    args: [Record({ canister_id: Principal, filter: Opt(LogFilter()) })],
    results: [Record({ canister_log_records: Vec(Record({ idx: Nat64, timestamp_nanos: Nat64, content: Blob })) })],
  }),
} satisfies Record<string, () => { readonly args: readonly IDL.Type[]; readonly results: readonly IDL.Type[] }>;
export type ManagementMethodName = keyof typeof METHODS;

/** Argument and result types by method. */
export const MANAGEMENT_TYPES = Object.defineProperties({}, Object.fromEntries(
  Object.entries(METHODS).map(([method, build]) => [method, { enumerable: true, get: once<object>(build) }]),
)) as { readonly [Method in ManagementMethodName]: ReturnType<(typeof METHODS)[Method]> };
