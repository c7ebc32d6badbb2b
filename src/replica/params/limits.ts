import { NANOSECONDS_PER_SECOND } from "../types/index.ts";

const KIB = 1024, MIB = 1024 * KIB, GIB = 1024 * MIB;

/** Limits that are the same on every subnet. Sizes in bytes, times in nanoseconds. */
export const LIMITS = {
  /** dfinity/ic, rs/config/src/execution_environment.rs: queue capacity of a (sender, receiver) pair. */
  callsInFlightPerPair: 500,
  /** dfinity/ic, rs/config/src/execution_environment.rs: SUBNET_CALLBACK_SOFT_LIMIT, and the calls that each canister may have open beyond it. */
  callbacksSoft: 1_000_000, callbacksGuaranteed: 50,
  /** dfinity/ic, rs/replicated_state/src/metadata_state.rs: memory of guaranteed calls, where call_perform and induction stop, and of best-effort messages, above which rounds shed. Bytes. */
  guaranteedMessageBytes: 15 * GIB, bestEffortMessageBytes: 5 * GIB,
  /** dfinity/ic, rs/config/src/execution_environment.rs, SUBNET_HEAP_DELTA_CAPACITY, and subnet_config.rs, HEAP_DELTA_INITIAL_RESERVE. Bytes. */
  heapDeltaCapacity: 140 * GIB, heapDeltaReserve: 32 * GIB,
  /** dfinity/ic, rs/types MAX_INTER_CANISTER_PAYLOAD_IN_BYTES. */
  payloadBytesMax: 2 * MIB,
  /** Interface spec, "call_data_append": between canisters of one subnet. */
  localPayloadBytesMax: 10 * MIB,
  /** Interface spec, "msg_reply_data_append": replies of non-replicated executions. */
  queryReplyBytesMax: 3 * MIB,
  /** dfinity/ic, system_api: a reject message of a canister is cut here. */
  rejectMessageBytesMax: 8 * KIB,
  /** Interface spec, "call_new". */
  methodNameBytesMax: 20_000,
  /** Interface spec, "certified_data_set". */
  certifiedDataBytesMax: 32,
  /** dfinity/ic, MAX_CALL_TIMEOUT. */
  callTimeoutSecondsMax: 300,
  /** dfinity/ic, REQUEST_LIFETIME: a request that found no way out of its output queue. */
  requestLifetime: 300n * NANOSECONDS_PER_SECOND,
  /** dfinity/ic, stop_canister timeout. */
  stopTimeout: 300n * NANOSECONDS_PER_SECOND,
  /** Interface spec, "Canister settings". */
  controllersMax: 10,
  /** dfinity/ic, subnet allocatable compute: (4 cores - 1) * 100 - 1. */
  computeAllocationTotal: 299,
  /** dfinity/ic, MAX_ENVIRONMENT_VARIABLES and the lengths of names and values. */
  environmentVariablesMax: 20, environmentVariableBytesMax: 128,
  /** Interface spec, "Canister settings": wasm_memory_limit. */
  wasmMemoryLimitMax: 1n << 48n,
  heapBytesMax32: 4 * GIB, heapBytesMax64: 6 * GIB,
  /** Interface spec, "stable64_grow": 500 GiB in pages of 64 KiB. */
  stablePagesMax: (500 * GIB) / 65536,
  /** dfinity/ic, rs/config/src/execution_environment.rs: memory of a subnet, and from where on allocations are reserved for in advance. */
  subnetMemoryBytes: 2n << 40n, subnetMemoryThreshold: 750n << 30n,
  /** dfinity/ic, max_number_of_snapshots_per_canister. */
  snapshotsMax: 10,
  /** dfinity/ic, MAX_SLICE_SIZE_BYTES: the largest part of a snapshot that one call reads. */
  snapshotSliceBytesMax: 2_000_000n,
  /** Interface spec, "Canister module": globals. */
  globalsMax: 1_000,
  /** dfinity/ic, MAX_STABLE_MEMORY_IN_BYTES. */
  stableBytesMax: 500n << 30n,
  /** dfinity/ic, chunk store: 100 chunks of 1 MiB. */
  chunkBytesMax: MIB, chunksMax: 100,
  /** dfinity/ic, blockmaker metrics: days that node_metrics_history tells of. */
  nodeMetricsDays: 60,
  /** dfinity/ic, canister history length. */
  historyEntries: 20,
  /** dfinity/ic, log_memory_limit. */
  logBytesDefault: 4 * KIB, logBytesMin: 4 * KIB, logBytesMax: 2 * MIB,
  /** Interface spec, "fetch_canister_logs": one record is cut so that it fits. */
  logRecordBytesMax: 32 * KIB,
  moduleBytesMax: 100 * MIB,
  /** dfinity/ic, a call graph of a composite query. */
  compositeQueryDepthMax: 6,
  /** dfinity/ic, 2^20 ids in the range of a subnet. */
  canisterIdsPerRange: 1n << 20n,
  /** Interface spec, "Canister settings": principals that may see logs, snapshots or the status. */
  allowedViewersMax: 10,
} as const;
