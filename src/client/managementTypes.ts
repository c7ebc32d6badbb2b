import { IDL } from "@dfinity/candid";

const { Nat, Nat8, Nat64, Int32, Int64, Float32, Float64, Text, Bool, Principal, Null, Reserved, Record, Variant, Vec, Opt } = IDL;
const Blob = Vec(Nat8);

/** A method of the management canister: its types, whether it is asked as a query, and what fills in settings that are not given. */
export interface ManagementTypes { readonly args: IDL.Type[]; readonly results: IDL.Type[]; readonly query: boolean; readonly complete: (argument: unknown) => unknown }
interface MethodTypes { readonly args: IDL.Type; readonly results?: IDL.Type; readonly query?: boolean }

/** Settings as they can be changed (interface spec, `canister_settings`); built when a method needs them, as hashing labels takes its time. */
const settings = (): Record<string, IDL.Type> => {
  const visibility = Variant({ controllers: Null, public: Null, allowed_viewers: Vec(Principal) });
  return {
    controllers: Vec(Principal), compute_allocation: Nat, memory_allocation: Nat, freezing_threshold: Nat, reserved_cycles_limit: Nat, wasm_memory_limit: Nat, wasm_memory_threshold: Nat, log_memory_limit: Nat,
    log_visibility: visibility, snapshot_visibility: visibility, status_visibility: visibility, environment_variables: Vec(Record({ name: Text, value: Text })),
  };
};
const changes = (): IDL.Type => Record(Object.fromEntries(Object.entries(settings()).map(([name, type]) => [name, Opt(type)])));
const target = (): IDL.Type => Record({ canister_id: Principal });
const mode = (): IDL.Type => Variant({ install: Null, reinstall: Null, upgrade: Opt(Record({ skip_pre_upgrade: Opt(Bool), wasm_memory_persistence: Opt(Variant({ keep: Null, replace: Null })) })) });
const hash = (): IDL.Type => Record({ hash: Blob });
const range = (): IDL.Type => Record({ start: Nat64, end: Nat64 });
const slice = (): IDL.Type => Record({ offset: Nat64, size: Nat64 });
const offset = (): IDL.Type => Record({ offset: Nat64 });
const snapshot = (): IDL.Type => Record({ id: Blob, taken_at_timestamp: Nat64, total_size: Nat64 });
const ofSnapshot = (): Record<string, IDL.Type> => ({ canister_id: Principal, snapshot_id: Blob });
/** What metadata of snapshots say in both directions. */
const snapshotMetadata = (): Record<string, IDL.Type> => ({
  wasm_module_size: Nat64, globals: Vec(Variant({ i32: Int32, i64: Int64, f32: Float32, f64: Float64, v128: Nat })), wasm_memory_size: Nat64, stable_memory_size: Nat64, certified_data: Blob,
  global_timer: Opt(Variant({ inactive: Null, active: Nat64 })), on_low_wasm_memory_hook_status: Opt(Variant({ condition_not_satisfied: Null, ready: Null, executed: Null })),
});

/** The methods that icx uses, as the interface spec declares them; of answers, the fields that it reads. */
const METHODS: Readonly<Record<string, () => MethodTypes>> = {
  provisional_create_canister_with_cycles: () => ({ args: Record({ amount: Opt(Nat), settings: Opt(changes()), specified_id: Opt(Principal) }), results: target() }),
  provisional_top_up_canister: () => ({ args: Record({ canister_id: Principal, amount: Nat }) }),
  install_code: () => ({ args: Record({ mode: mode(), canister_id: Principal, wasm_module: Blob, arg: Blob }) }),
  upload_chunk: () => ({ args: Record({ canister_id: Principal, chunk: Blob }), results: hash() }),
  clear_chunk_store: () => ({ args: target() }),
  install_chunked_code: () => ({ args: Record({ mode: mode(), target_canister: Principal, store_canister: Opt(Principal), chunk_hashes_list: Vec(hash()), wasm_module_hash: Blob, arg: Blob }) }),
  update_settings: () => ({ args: Record({ canister_id: Principal, settings: changes() }) }),
  uninstall_code: () => ({ args: target() }), start_canister: () => ({ args: target() }), stop_canister: () => ({ args: target() }), delete_canister: () => ({ args: target() }),
  canister_status: () => ({
    args: target(),
    results: Record({
      status: Variant({ running: Null, stopping: Null, stopped: Null }), version: Nat64, settings: Record({ ...settings(), minimum_incoming_canister_call_cycles: Opt(Nat) }), module_hash: Opt(Blob), memory_size: Nat, cycles: Nat, reserved_cycles: Nat, idle_cycles_burned_per_day: Nat,
      query_stats: Record({ num_calls_total: Nat, num_instructions_total: Nat, request_payload_bytes_total: Nat, response_payload_bytes_total: Nat }),
    }),
  }),
  canister_metrics: () => ({
    args: target(), query: true,
    results: Record({ cycles_consumed: Record(Object.fromEntries(["memory", "compute_allocation", "ingress_induction", "instructions", "request_and_response_transmission", "uninstall", "canister_creation", "http_outcalls", "burned_cycles"].map((use) => [use, Nat]))) }),
  }),
  take_canister_snapshot: () => ({ args: Record({ canister_id: Principal, replace_snapshot: Opt(Blob) }), results: snapshot() }),
  load_canister_snapshot: () => ({ args: Record(ofSnapshot()) }),
  list_canister_snapshots: () => ({ args: target(), results: Vec(snapshot()) }),
  delete_canister_snapshot: () => ({ args: Record(ofSnapshot()) }),
  read_canister_snapshot_metadata: () => ({
    args: Record(ofSnapshot()),
    results: Record({ ...snapshotMetadata(), source: Variant({ taken_from_canister: Reserved, metadata_upload: Reserved }), taken_at_timestamp: Nat64, wasm_chunk_store: Vec(hash()), canister_version: Nat64 }),
  }),
  read_canister_snapshot_data: () => ({
    args: Record({ ...ofSnapshot(), kind: Variant({ wasm_module: slice(), wasm_memory: slice(), stable_memory: slice(), wasm_chunk: hash() }) }), results: Record({ chunk: Blob }),
  }),
  upload_canister_snapshot_metadata: () => ({ args: Record({ ...snapshotMetadata(), canister_id: Principal, replace_snapshot: Opt(Blob) }), results: Record({ snapshot_id: Blob }) }),
  upload_canister_snapshot_data: () => ({
    args: Record({ ...ofSnapshot(), kind: Variant({ wasm_module: offset(), wasm_memory: offset(), stable_memory: offset(), wasm_chunk: Null }), chunk: Blob }),
  }),
  fetch_canister_logs: () => ({
    args: Record({ canister_id: Principal, filter: Opt(Variant({ by_idx: range(), by_timestamp_nanos: range() })) }), query: true,
    results: Record({ canister_log_records: Vec(Record({ idx: Nat64, timestamp_nanos: Nat64, content: Blob })) }),
  }),
};

/** The types of one method. */
export function managementTypes(method: keyof typeof METHODS): ManagementTypes {
  const { args, results, query = false } = METHODS[method]!();
  return { args: [args], results: results === undefined ? [] : [results], query, complete };
}

/** Every setting is an `opt`, and the encoder wants each one: those that are absent become `null`. */
function complete(argument: unknown): unknown {
  const { settings: given } = argument as { readonly settings?: unknown };
  if (given === undefined) return argument;
  const whole = (value: unknown): unknown => ({ ...Object.fromEntries(Object.keys(settings()).map((name) => [name, []])), ...(value as object) });
  return { ...(argument as object), settings: Array.isArray(given) ? given.map(whole) : whole(given) };
}
