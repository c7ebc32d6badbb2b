import { setFlagsFromString } from "node:v8";

/** The first V8 that has the flag (Node 24). */
const V8_MIN = [13, 6] as const;

/**
 * V8 collects its whole heap after every 64 MiB of new array buffers, however large the heap is: pages, requests and wasm memories are such
 * buffers, and with tens of thousands of canisters most of the time would go there. Counted together with the heap they wait for its limit. An older V8 keeps its way.
 */
export function countBuffersWithHeap(): void {
  const [major = 0, minor = 0] = process.versions.v8.split(".").map(Number);
  if (major > V8_MIN[0] || (major === V8_MIN[0] && minor >= V8_MIN[1])) setFlagsFromString("--external-memory-accounted-in-global-limit");
}
