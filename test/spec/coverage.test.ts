import { describe, expect, test } from "vitest";
import { managementMethods } from "../../src/replica/execution/management/managementMethods.ts";
import { IC0_CALLS } from "../canisters/universal.ts";
import { AREAS, SECTIONS } from "./coverage.ts";
import { mutations } from "./mutation.ts";
import { uncovered } from "./uncovered.ts";

describe("the specification is covered", () => {
  test.each(Object.entries(SECTIONS))("every section of %s is tried, or says why not", (_document, sections) => { expect(uncovered(sections)).toEqual([]); });
  test("every area of the acceptance tests is tried, or says why not", () => { expect(uncovered(AREAS)).toEqual([]); });
  test("every row of the System API and of the management canister is among the mutations", () => {
    const names = mutations.map(({ name }) => name);
    expect(names.filter((_, i) => mutations[i]!.table === "system call").sort()).toEqual(IC0_CALLS.map(([name]) => name).sort());
    expect(names.filter((_, i) => mutations[i]!.table === "management method").sort()).toEqual([...managementMethods.keys()].sort());
  });
});
