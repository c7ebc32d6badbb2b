/**
 * Prices in cycles on a subnet of the reference size (13 nodes); others pay `fee * nodes / 13` in whole cycles.
 * Source: dfinity/ic rs/config/src/subnet_config.rs, mid 2026; the developer documentation (May 2026) agrees but for storage.
 */
export const FEES = {
  canisterCreation: 500_000_000_000n,
  /** Each update message, before its instructions. */
  updateMessage: 5_000_000n,
  /** Ten instructions cost ten cycles; memory64 pays twice. */
  instruction: 1n, instruction64: 2n,
  ingressMessage: 1_200_000n, ingressByte: 2_000n,
  xnetCall: 260_000n, xnetByte: 1_000n,
  /** Per percent and second. */
  computeAllocation: 10_000_000n,
  /** Per GiB and second: 10 SDR a year. The documentation of May 2026 still names 127,000. */
  gibStorage: 317_500n,
  /** Per second, of every canister that uses any memory. */
  canisterBase: 10_000n,
  ecdsaSignature: 10_000_000_000n, schnorrSignature: 10_000_000_000n, vetkdKey: 10_000_000_000n,
} as const;

/** dfinity/ic, DEFAULT_REFERENCE_SUBNET_SIZE. */
export const REFERENCE_SUBNET_SIZE = 13;
/** dfinity/ic, provisional_create_canister_with_cycles: balance when no amount is given. */
export const PROVISIONAL_CYCLES = 100_000_000_000_000n;
/** dfinity/ic, default reserved_cycles_limit. */
export const RESERVED_CYCLES_LIMIT = 5_000_000_000_000n;
/** Interface spec, "freezing_threshold": 30 days in seconds. */
export const FREEZING_THRESHOLD_SECONDS = 2_592_000n;
/** dfinity/ic, default wasm_memory_limit of new canisters: 3 GiB. */
export const WASM_MEMORY_LIMIT = 3n << 30n;
/** dfinity/ic, max_storage_reservation_period, in seconds: what is allocated on a full subnet is paid for this long in advance. */
export const STORAGE_RESERVATION_SECONDS = 300_000_000n;
export const SECONDS_PER_DAY = 86_400n;
/** Interface spec, "Cycles": balances saturate here. */
export const CYCLES_MAX = (1n << 128n) - 1n;
