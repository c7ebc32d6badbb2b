import { expect, test } from "vitest";
import { uncovered } from "../spec/uncovered.ts";
import { CLAIMS, type Claim, SCENARIOS } from "./coverage.ts";

const missing = (claims: readonly Claim[]): readonly string[] => claims.flatMap(({ row, says, parts }) => (parts.length === 0 ? [`${row} ${says}: nothing`] : uncovered(parts).map((what) => `${row} ${says}: ${what}`)));

test("every fault scenario of the protocol digest is tried, or says why not", () => {
  expect(SCENARIOS.map(({ row }) => row)).toEqual(Array.from({ length: 18 }, (_, i) => i + 1));
  expect(missing(SCENARIOS)).toEqual([]);
});
test("every demonstration of consensus, messages between subnets and the evolution of chains is shown, or says why not", () => {
  expect(CLAIMS.map(({ row }) => row)).toEqual([3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 17, 20]);
  expect(missing(CLAIMS)).toEqual([]);
});
test("the table sees what is not there", () => {
  const claim = (...parts: Claim["parts"]): Claim => ({ row: 0, says: "something", parts });
  expect(missing([claim(), claim(["a part"]), claim(["a part", { reason: "" }]), claim(["a part", { file: "agreement/nothing.test.ts", title: "a" }]), claim(["a part", { file: "agreement/fourNodes.test.ts", title: "five nodes" }])])).toHaveLength(5);
  expect(missing([claim(["a part", { file: "agreement/fourNodes.test.ts", title: "four nodes" }])])).toEqual([]);
});
