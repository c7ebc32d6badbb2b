/** A bounded map of things that are pure functions of their key: the oldest entry leaves first. */
export interface Cache<Value> { get(key: string, make: () => Value): Value; peek(key: string): Value | undefined; set(key: string, value: Value): void; readonly size: number }

/** @param limit entries kept, at least 1 */
export function createCache<Value>(limit: number): Cache<Value> {
  const entries = new Map<string, Value>();
  const set = (key: string, value: Value): void => {
    if (!entries.has(key) && entries.size >= limit) entries.delete(entries.keys().next().value!);
    entries.set(key, value);
  };
  return {
    get(key, make) {
      const known = entries.get(key);
      if (known !== undefined) return known;
      const value = make();
      set(key, value);
      return value;
    },
    peek: (key) => entries.get(key),
    set,
    get size() { return entries.size; },
  };
}
