import fc from "fast-check";
import { expect, test } from "vitest";
import { createCache } from "../../../../src/replica/types/index.ts";

test("a cache never holds more than its limit, answers only what was set, and keeps what is in use", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 20 }), fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 300 }), (limit, keys) => {
    const cache = createCache<number>(limit);
    for (const key of keys) {
      const known = cache.peek(String(key));
      expect(known === undefined || known === key * 2).toBe(true);
      expect(cache.get(String(key), () => key * 2)).toBe(key * 2);
      expect(cache.peek(String(key))).toBe(key * 2);
      expect(cache.size).toBeLessThanOrEqual(Math.max(limit, 1));
    }
  }), { seed: 7 });
});

test("what is asked for again and again stays while others pass through", () => {
  const cache = createCache<number>(100);
  let made = 0;
  for (let other = 0; other < 5_000; other++) {
    cache.get("always", () => ++made);
    cache.set(`once ${other}`, other);
  }
  expect(made).toBe(1);
});
