import type { Rng } from "../../src/replica/interfaces/runtime.ts";

/** Fast chance for what is drawn a hundred thousand times in a run: xoshiro128** from the runtime's tree, so that a seed decides it. */
export interface Chance {
  /** A natural number below the bound. */
  below(bound: number): number;
  /** A number from `low` (included) to `high`. */
  between(low: number, high: number): number;
  hit(perMille: number): boolean;
  pick<Item>(items: readonly Item[]): Item;
  /** So many different items, in the order of `items`. */
  some<Item>(items: readonly Item[], count: number): readonly Item[];
}

export function createChance(rng: Rng): Chance {
  const seed = Buffer.from(rng.bytes(16)), s = new Uint32Array([seed.readUInt32LE(0), seed.readUInt32LE(4), seed.readUInt32LE(8), seed.readUInt32LE(12) | 1]);
  const rotl = (x: number, k: number): number => (x << k) | (x >>> (32 - k));
  const next = (): number => {
    const result = Math.imul(rotl(Math.imul(s[1]!, 5), 7), 9) >>> 0, t = s[1]! << 9;
    s[2]! ^= s[0]!; s[3]! ^= s[1]!; s[1]! ^= s[2]!; s[0]! ^= s[3]!; s[2]! ^= t;
    s[3] = rotl(s[3]!, 11);
    return result;
  };
  const below = (bound: number): number => Math.floor((next() / 2 ** 32) * bound);
  return {
    below,
    between: (low, high) => low + (next() / 2 ** 32) * (high - low),
    hit: (perMille) => below(1000) < perMille,
    pick: (items) => items[below(items.length)]!,
    some(items, count) {
      const places = items.map((_, place) => place), chosen: number[] = [];
      for (let i = 0; i < count && places.length > 0; i++) chosen.push(places.splice(below(places.length), 1)[0]!);
      return chosen.sort((a, b) => a - b).map((place) => items[place]!);
    },
  };
}
