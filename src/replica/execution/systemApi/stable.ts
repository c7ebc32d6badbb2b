import { LIMITS } from "../../params/limits.ts";
import { defineSystemCall } from "./defineSystemCall.ts";
import type { Host } from "./host.ts";
import { trapped } from "./traps.ts";

/** dfinity/ic, system_api_complexity: each 4 KiB page of stable memory that a write dirties first. */
const DIRTY_PAGE_INSTRUCTIONS = 1000;
const PAGES_OF_32_BITS = 65_536;

/** Offsets and sizes of 64 bits reach the memory as numbers; what no number holds exactly lies outside every memory. */
function exact(value: bigint, what: "heap" | "stable memory"): number {
  const unsigned = BigInt.asUintN(64, value);
  if (unsigned > BigInt(Number.MAX_SAFE_INTEGER)) throw trapped(`${what} out of bounds`);
  return Number(unsigned);
}
function write(host: Host, offset: number, src: number, size: number): void {
  const dirtied = host.memory.stableWrite(offset, src, size);
  if (host.input.subnet.params.chargesBytes && dirtied > 0) host.memory.charge(dirtied * DIRTY_PAGE_INSTRUCTIONS);
}
/** The 32-bit calls stop working when the memory is larger than they can address. */
function small(host: Host): number {
  const pages = host.memory.stablePages();
  if (pages > PAGES_OF_32_BITS) throw trapped("32 bit stable memory api used on a memory larger than 4GB");
  return pages;
}

/** Stable memory in pages of 64 KiB. */
export const stableCalls = [
  defineSystemCall({ name: "stable64_size", params: [], results: ["i64"], contexts: "* s", cost: { fixed: 20 }, run: ({ memory }) => BigInt(memory.stablePages()) }),
  defineSystemCall({
    name: "stable64_grow", params: ["i64"], results: ["i64"], contexts: "* s", cost: { fixed: 500 },
    run({ memory }, pages) {
      const wanted = BigInt.asUintN(64, pages);
      if (BigInt(memory.stablePages()) + wanted > BigInt(LIMITS.stablePagesMax)) return -1n;
      return BigInt(memory.stableGrow(Number(wanted)));
    },
  }),
  defineSystemCall({
    name: "stable64_write", params: ["i64", "i64", "i64"], results: [], contexts: "* s", cost: { fixed: 20, perByte: 1 },
    run(host, offset, src, size) { write(host, exact(offset, "stable memory"), exact(src, "heap"), exact(size, "heap")); },
  }),
  defineSystemCall({
    name: "stable64_read", params: ["i64", "i64", "i64"], results: [], contexts: "* s", cost: { fixed: 20, perByte: 1 },
    run({ memory }, dst, offset, size) { memory.stableRead(exact(dst, "heap"), exact(offset, "stable memory"), exact(size, "heap")); },
  }),
  defineSystemCall({ name: "stable_size", params: [], results: ["i32"], contexts: "* s", cost: { fixed: 20 }, only32: true, run: (host) => small(host) }),
  defineSystemCall({
    name: "stable_grow", params: ["i32"], results: ["i32"], contexts: "* s", cost: { fixed: 500 }, only32: true,
    run: (host, pages) => (small(host) + (pages >>> 0) > PAGES_OF_32_BITS ? -1 : host.memory.stableGrow(pages >>> 0)),
  }),
  defineSystemCall({
    name: "stable_write", params: ["i32", "i32", "i32"], results: [], contexts: "* s", cost: { fixed: 20, perByte: 1 }, only32: true,
    run(host, offset, src, size) { small(host); write(host, offset >>> 0, src >>> 0, size >>> 0); },
  }),
  defineSystemCall({
    name: "stable_read", params: ["i32", "i32", "i32"], results: [], contexts: "* s", cost: { fixed: 20, perByte: 1 }, only32: true,
    run(host, dst, offset, size) { small(host); host.memory.stableRead(dst >>> 0, offset >>> 0, size >>> 0); },
  }),
];
