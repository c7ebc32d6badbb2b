import { IDL } from "@dfinity/candid";
import type { CandidPrincipal } from "./candid.ts";

/* The interface of the management canister as candid types: interface specification, ic.did (0.66). */
type Opt<T> = [] | [T];
const { Nat, Nat8, Nat64, Text, Bool, Principal, Null, Record, Variant, Vec } = IDL;
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
const ChangeDetails = once(() => Variant({
  creation: Record({ controllers: Vec(Principal), environment_variables_hash: Opt(Blob) }), code_uninstall: Null,
  code_deployment: Record({ mode: Variant({ install: Null, reinstall: Null, upgrade: Null }), module_hash: Blob }), controllers_change: Record({ controllers: Vec(Principal) }),
}));
const LogFilter = once(() => Variant({ by_idx: Record({ start: Nat64, end: Nat64 }), by_timestamp_nanos: Record({ start: Nat64, end: Nat64 }) }));

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
