import { describe, expect, test } from "vitest";
import { installOrder } from "../../../src/operations/deploy/installOrder.ts";

const order = (...canisters: readonly (readonly [name: string, ...dependencies: string[]])[]): readonly string[] => installOrder(canisters.map(([name, ...dependencies]) => ({ name, dependencies }))).map((group) => group.map(({ name }) => name).join(" "));

describe("the order of installation", () => {
  test("what depends on nothing is installed at once", () => expect(order(["a"], ["b"], ["c"])).toEqual(["a b c"]));
  test("dependencies come first", () => expect(order(["a"], ["b", "a"], ["c"], ["d", "b", "c"])).toEqual(["a c", "b", "d"]));
  test("a cycle is broken where the order breaks it, a canister may name itself, and one that is not deployed is not waited for", () => {
    expect(order(["b", "a"], ["a", "b"])).toEqual(["b", "a"]);
    expect(order(["a", "a"])).toEqual(["a"]);
    expect(order(["a", "elsewhere"])).toEqual(["a"]);
  });
  test("nothing", () => expect(order()).toEqual([]));
});
