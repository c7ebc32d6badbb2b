import { createHash } from "node:crypto";
import type { Rng } from "./runtime.ts";

const digest = (...parts: (string | Uint8Array)[]): Uint8Array => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
};

/** SHA-256 in counter mode under a key of 32 bytes. Forks depend on the key and the label alone, not on what was drawn before. */
export function createSeededRng(seed: Uint8Array): Rng {
  const key = digest("icx-rng", seed);
  let counter = 0, block = new Uint8Array(0), used = 0;
  return {
    bytes(length) {
      const out = new Uint8Array(length);
      for (let at = 0; at < length;) {
        if (used === block.length) {
          const count = Buffer.alloc(8);
          count.writeBigUInt64BE(BigInt(counter++));
          block = new Uint8Array(digest(key, "block", count));
          used = 0;
        }
        const taken = block.subarray(used, used + Math.min(length - at, block.length - used));
        out.set(taken, at);
        at += taken.length;
        used += taken.length;
      }
      return out;
    },
    fork: (label) => createSeededRng(digest(key, "fork", label)),
  };
}

/** A natural number below `bound` (at most 2^32), without bias. */
export function drawBelow(rng: { bytes(length: number): Uint8Array }, bound: number): number {
  const limit = Math.floor(2 ** 32 / bound) * bound;
  for (;;) {
    const value = Buffer.from(rng.bytes(4)).readUInt32BE();
    if (value < limit) return value % bound;
  }
}
