import { createHash } from "node:crypto";
import type { RandomBeacon } from "../interfaces/consensus.ts";
import { createCache } from "../types/index.ts";

/** By what decides them: the nodes of one process shuffle once. */
const known = createCache<readonly number[]>(1024);

/** Natural numbers from SHA-256 in counter mode, each below its bound without bias. */
function* draws(seed: string): Generator<number, never, number> {
  let bound = yield 0;
  for (let counter = 0; ; counter++) {
    const block = createHash("sha256").update(`${seed}:${counter}`).digest();
    for (let at = 0; at < block.length; at += 4) {
      const value = block.readUInt32BE(at);
      if (value < Math.floor(2 ** 32 / bound) * bound) bound = yield value % bound;
    }
  }
}

/**
 * Places of the sorted members after a shuffle that the beacon of the height below decides (Fisher–Yates). One shuffle for each purpose, so that
 * being a block maker says nothing about being a notary (protocol digest §1.1).
 */
export function ranking(beacon: RandomBeacon, purpose: "BlockmakerRanking" | "CommitteeSampling", nodes: number): readonly number[] {
  return known.get(`${purpose}:${nodes}:${beacon.id}`, () => shuffled(`${purpose}:${beacon.id}`, nodes));
}

function shuffled(seed: string, nodes: number): readonly number[] {
  const order = Array.from({ length: nodes }, (_, i) => i);
  const source = draws(seed);
  source.next(0);
  for (let i = nodes - 1; i > 0; i--) {
    const j = source.next(i + 1).value;
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  const places: number[] = new Array<number>(nodes).fill(0);
  order.forEach((member, position) => { places[member] = position; });
  return places;
}
