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

/** Canister ids, both ends included. */
export interface IdRange { readonly start: CanisterId; readonly end: CanisterId }
export const overlaps = (a: IdRange, b: IdRange): boolean => a.start <= b.end && b.start <= a.end;
const before = (id: CanisterId): CanisterId => canisterIdFromIndex(indexFromCanisterId(id)! - 1n), after = (id: CanisterId): CanisterId => canisterIdFromIndex(indexFromCanisterId(id)! + 1n);

/** The same table with these ids on another subnet; neighbours of one subnet become one range, but for the ranges that subnets began with. */
export function assignRanges(table: readonly CanisterIdRange[], ranges: readonly IdRange[], subnet: SubnetId): readonly CanisterIdRange[] {
  const rest = ranges.reduce((left: readonly CanisterIdRange[], moved) => left.flatMap((one) => (!overlaps(one, moved) ? [one] : [
    ...(one.start < moved.start ? [{ ...one, end: before(moved.start) }] : []), ...(moved.end < one.end ? [{ ...one, start: after(moved.end) }] : []),
  ])), table);
  const joined: CanisterIdRange[] = [];
  for (const one of [...rest, ...ranges.map(({ start, end }) => ({ start, end, subnet }))].sort((a, b) => (a.start < b.start ? -1 : 1))) {
    const last = joined.at(-1);
    if (last !== undefined && last.subnet === one.subnet && !isHomeEnd(last.end) && after(last.end) === one.start) joined[joined.length - 1] = { ...last, end: one.end };
    else joined.push(one);
  }
  return joined;
}

/** Whether all these ids lie in ranges of the table. */
export const isWithin = (ranges: readonly IdRange[], table: readonly IdRange[]): boolean => ranges.every(({ start, end }) => {
  let next: CanisterId | undefined = start;
  for (const one of table) if (next !== undefined && one.start <= next && next <= one.end) next = one.end >= end ? undefined : after(one.end);
  return next === undefined;
});

/** The last id of a local range that a subnet began with: it never moves, so it tells whose range that is. */
export function isHomeEnd(id: CanisterId): boolean {
  const index = indexFromCanisterId(id)!;
  return index >= LOCAL_START && (index + 1n - LOCAL_START) % CANISTER_IDS_PER_SUBNET === 0n;
}
/** The ranges of a subnet that lie where it began: the ids that it gives to new canisters. */
export function homeRanges(table: readonly CanisterIdRange[], subnet: SubnetId): readonly CanisterIdRange[] {
  const own = table.filter((one) => one.subnet === subnet), home = own.find(({ end }) => isHomeEnd(end));
  const start = home && canisterIdFromIndex(indexFromCanisterId(home.end)! + 1n - CANISTER_IDS_PER_SUBNET);
  return start === undefined ? own.slice(-1) : own.filter((one) => one.start >= start && one.end <= home!.end);
}
