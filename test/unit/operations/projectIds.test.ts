import { describe, expect, test } from "vitest";
import { canisterVariables } from "../../../src/operations/deploy/projectIds.ts";

const ids = (...names: readonly string[]): Readonly<Record<string, string>> => Object.fromEntries(names.map((name) => [name, `${name}-id`]));
const many = Array.from({ length: 25 }, (_, index) => `c${String(index).padStart(2, "0")}`);

describe("what a canister is told", () => {
  test("the ids of all, beside its own variables; an id wins over a variable of its name", () => {
    expect(canisterVariables({ name: "a", dependencies: [], settings: { environmentVariables: { MINE: "1", "PUBLIC_CANISTER_ID:b": "old" } } }, ids("a", "b"))).toEqual({
      variables: { MINE: "1", "PUBLIC_CANISTER_ID:a": "a-id", "PUBLIC_CANISTER_ID:b": "b-id" }, leftOut: [],
    });
  });
  test("of too many, those that it depends on first", () => {
    const { variables, leftOut } = canisterVariables({ name: "c20", dependencies: ["c24", "c22"], settings: { environmentVariables: { MINE: "1" } } }, ids(...many));
    expect(Object.keys(variables)).toHaveLength(20);
    for (const name of ["c24", "c22", "c20", "c00"]) expect(variables).toHaveProperty([`PUBLIC_CANISTER_ID:${name}`]);
    expect(leftOut).toEqual(["c16", "c17", "c18", "c19", "c21", "c23"]);
  });
  test("a name that is too long for a variable is left out", () => {
    const long = "x".repeat(200);
    expect(canisterVariables({ name: long, dependencies: [], settings: {} }, ids(long, "a"))).toEqual({ variables: { "PUBLIC_CANISTER_ID:a": "a-id" }, leftOut: [long] });
  });
});
