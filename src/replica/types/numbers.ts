import type { Brand } from "./brand.ts";

/** Position of a block in a subnet's chain, and of the state that the block's batch produced. */
export type Height = Brand<number, "Height">;
export type RegistryVersion = Brand<number, "RegistryVersion">;
/** Nanoseconds since the Unix epoch as the subnet agreed on them, never the host's clock. */
export type Time = Brand<bigint, "Time">;
export type Cycles = Brand<bigint, "Cycles">;
export type NumInstructions = Brand<number, "NumInstructions">;
/** A hash of the named thing, 32 bytes. */
export type Hash<Of extends string> = Brand<Uint8Array, `Hash<${Of}>`>;

export const height = (value: number): Height => value as Height;
export const registryVersion = (value: number): RegistryVersion => value as RegistryVersion;
export const time = (nanoseconds: bigint): Time => nanoseconds as Time;
export const cycles = (value: bigint): Cycles => value as Cycles;
/** As the replica writes amounts of cycles in messages: `1_000_000`. */
export const shownCycles = (amount: bigint): string => amount.toString().replace(/\B(?=(\d{3})+$)/g, "_");
export const NANOSECONDS_PER_SECOND = 1_000_000_000n;
export const NANOSECONDS_PER_MS = 1_000_000n;
