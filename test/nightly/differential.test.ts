import { describe, expect, test } from "vitest";
import { findings } from "../differential/findings.ts";

const SEEDS = 2000, GROUP = 100;

describe("random programs behave as a plain interpreter and V8 say", () => {
  for (let first = 0; first < SEEDS; first += GROUP) {
    test(`seeds ${first} to ${first + GROUP - 1}`, { timeout: 600_000 }, () =>
      expect(Array.from({ length: GROUP }, (_, i) => findings(first + i)).filter(({ wrong }) => wrong.length > 0)).toEqual([]));
  }
});
