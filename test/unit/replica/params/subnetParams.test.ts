import { expect, test } from "vitest";
import { FEES } from "../../../../src/replica/params/fees.ts";
import { paramsFor } from "../../../../src/replica/params/subnetParams.ts";
import { callCost } from "../../../../src/replica/state/cyclesAccount.ts";

test("thirteen nodes pay the base prices, thirty-four pay in proportion, in whole cycles", () => {
  expect(paramsFor("application", 13).fees).toEqual(FEES);
  const { fees } = paramsFor("application", 34);
  expect(fees.ecdsaSignature).toBe(26_153_846_153n); // the published price on the 34-node subnet
  expect(fees.canisterCreation).toBe(1_307_692_307_692n);
  expect(fees.instruction).toBe(1n);
});
test("system subnets take nothing and allow more", () => {
  const system = paramsFor("system", 40);
  expect(new Set(Object.values(system.fees))).toEqual(new Set([0n]));
  expect(system.messageInstructionsMax).toBe(50_000_000_000n);
  expect(system.chargesBytes).toBe(false);
});
test("a call with a tiny argument costs 42.1 G in memory32 and 82.1 G in memory64", () => {
  const sum = ({ request, response, execution }: ReturnType<typeof callCost>): bigint => request + response + execution;
  expect(sum(callCost(paramsFor("application", 13), 0n, false))).toBe(42_102_412_000n);
  expect(sum(callCost(paramsFor("application", 13), 0n, true))).toBe(82_102_412_000n);
});
