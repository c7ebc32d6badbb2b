import { type CanisterId, type SubnetId, canisterIdFromIndex, indexFromCanisterId } from "../types/index.ts";
import type { CanisterIdRange } from "../state/replicatedState.ts";

/** dfinity/ic, rs/registry/routing_table: `CANISTER_IDS_PER_SUBNET`. */
export const CANISTER_IDS_PER_SUBNET = 1n << 20n;
/** Where local networks begin: developers know the ids from here on (`bnz7o-iuaaa-aaaaa-qaaaa-cai` is the first). */
const LOCAL_START = 0x8000000000100000n;

const range = (start: bigint, end: bigint, subnet: SubnetId): CanisterIdRange => ({ start: canisterIdFromIndex(start), end: canisterIdFromIndex(end), subnet });

/** What the root subnet has on mainnet: the NNS canisters and the ids after them, without the seventh (interface digest §1.5). */
export const rootSubnetRanges = (root: SubnetId): readonly CanisterIdRange[] => [range(0n, 6n, root), range(8n, CANISTER_IDS_PER_SUBNET - 1n, root)];

/** The `place`-th range of local canister ids (0 is the first subnet besides the root): disjoint from each other and from mainnet's. */
export function localRange(place: number, subnet: SubnetId): CanisterIdRange {
  const start = LOCAL_START + BigInt(place) * CANISTER_IDS_PER_SUBNET;
  return range(start, start + CANISTER_IDS_PER_SUBNET - 1n, subnet);
}

/** How many places of local ranges some tables have used: the first one that is free for ever, since ids are never given twice. */
export function placesUsed(tables: readonly (readonly CanisterIdRange[])[]): number {
  const ends = tables.flat().map(({ end }) => indexFromCanisterId(end)!).filter((end) => end >= LOCAL_START);
  return ends.reduce((used, end) => Math.max(used, Number((end - LOCAL_START) / CANISTER_IDS_PER_SUBNET) + 1), 0);
}

/** The subnet whose range holds a canister id: the table is sorted by start and disjoint. */
export function subnetOfCanister(table: readonly CanisterIdRange[], id: CanisterId): SubnetId | undefined {
  let low = 0, high = table.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (table[middle]!.start <= id) low = middle + 1; else high = middle;
  }
  const found = table[low - 1];
  return found !== undefined && id <= found.end && id.length === found.start.length ? found.subnet : undefined;
}
