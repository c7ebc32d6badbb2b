import { describe, expect, test } from "vitest";
import { EXECUTION_CONTEXTS } from "../../src/replica/execution/systemApi/executionContext.ts";
import { IC0_CALLS } from "../canisters/universal.ts";
import { createContextRunners } from "./everyContext.ts";
import { run } from "./universal.ts";

const OPERANDS = [0, 1, -1, 29, 30, 128, 65_535, 65_536, 2 ** 31, -(2 ** 31), 2n ** 32n, 2n ** 53n, 2n ** 63n, 16_384, 20_001, 2 ** 21 + 1] as const;
/** Numbers that look random and are the same in every run. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => { state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0; return Math.floor((state / 2 ** 32) * below); };
}
/** A call that is charged for 2^53 bytes meets the limit in its first slice. */
const SHORT = { messageInstructionsMax: 1_000_000_000n, queryInstructionsMax: 1_000_000_000n, installInstructionsMax: 1_000_000_000n, inspectMessageInstructionsMax: 1_000_000_000n };
/** All but the one that would leave nothing to go on with. */
const CALLS = IC0_CALLS.filter(([name]) => name !== "cycles_burn128");
/** What a canister may be told: every failure has the canister's name and the replica's words, none comes from within icx. */
const KNOWN = /^$|^Error from Canister [a-z0-9-]+-cai: Canister |^\[TRAP\]: |^Canister /;

describe.each([["32", false, 1], ["64", true, 2]] as const)("System API, overview of imports: every call with random operands, with memories of %s bits", async (_width, memory64, seed) => {
  const runners = await createContextRunners({ memory64 }, { params: SHORT });
  test.each(EXECUTION_CONTEXTS)("in %s gives an answer or a trap", (context) => {
    const random = seeded(seed * 1000 + EXECUTION_CONTEXTS.indexOf(context));
    for (let i = 0; i < 60; i++) {
      const program = run();
      for (let calls = 1 + random(4); calls > 0; calls--) {
        const [name, params] = CALLS[random(CALLS.length)]!, count = params === "" ? 0 : params.split(" ").length;
        program.ic0(name, ...Array.from({ length: count }, () => OPERANDS[random(OPERANDS.length)]!));
      }
      expect(runners[context](program)).toMatch(KNOWN);
    }
  });
});
