import { describe, expect, test } from "vitest";
import { principalOf } from "../../../src/client/management.ts";
import { missingSettings, settingsRecord, type DefiniteSettings } from "../../../src/client/settingsRecord.ts";

const ALICE = "ryjl3-tyaaa-aaaaa-aaaba-cai", BOB = "rkp4c-7iaaa-aaaaa-aaaca-cai";
const CURRENT: DefiniteSettings = {
  controllers: [principalOf(ALICE), principalOf(BOB)], compute_allocation: 0n, memory_allocation: 0n, freezing_threshold: 2_592_000n, reserved_cycles_limit: 5n, wasm_memory_limit: 3n, wasm_memory_threshold: 0n, log_memory_limit: 4_096n,
  log_visibility: { allowed_viewers: [principalOf(ALICE), principalOf(BOB)] }, environment_variables: [{ name: "B", value: "2" }, { name: "A", value: "1" }],
};

describe("settings of canisters", () => {
  test("what is there already is missing nowhere, in whatever order", () => {
    expect(missingSettings({}, CURRENT)).toBeUndefined();
    expect(missingSettings({ freezingThreshold: 2_592_000n, controllers: [BOB, ALICE], logVisibility: { allowedViewers: [BOB, ALICE] }, environmentVariables: { A: "1", B: "2" } }, CURRENT)).toBeUndefined();
  });
  test("only what differs is given", () => {
    expect(missingSettings({ freezingThreshold: 1n, reservedCyclesLimit: 5n, logMemoryLimit: 0n }, CURRENT)).toEqual({ freezingThreshold: 1n, logMemoryLimit: 0n });
    expect(missingSettings({ logVisibility: "public" }, CURRENT)).toEqual({ logVisibility: "public" });
    expect(missingSettings({ logVisibility: "controllers" }, { ...CURRENT, log_visibility: { controllers: null } })).toBeUndefined();
    expect(missingSettings({ environmentVariables: { A: "1" } }, CURRENT)).toEqual({ environmentVariables: { A: "1" } });
    expect(missingSettings({ environmentVariables: { A: "1", B: "3" } }, CURRENT)).toEqual({ environmentVariables: { A: "1", B: "3" } });
    expect(missingSettings({ controllers: [ALICE] }, CURRENT)).toEqual({ controllers: [ALICE] });
  });
  test("the record holds each setting as an option", () => {
    expect(settingsRecord({ computeAllocation: 1n, logVisibility: "public", environmentVariables: { A: "1" }, controllers: [ALICE] })).toEqual({
      compute_allocation: [1n], memory_allocation: [], freezing_threshold: [], reserved_cycles_limit: [], wasm_memory_limit: [], wasm_memory_threshold: [], log_memory_limit: [],
      log_visibility: [{ public: null }], environment_variables: [[{ name: "A", value: "1" }]], controllers: [[principalOf(ALICE)]],
    });
  });
});
