import { describe, expect, test } from "vitest";
import { EXECUTION_CONTEXTS, MODE_NAMES, contextsOf } from "../../src/replica/execution/systemApi/executionContext.ts";
import { IC0_CALLS } from "../canisters/universal.ts";
import { createContextRunners } from "./everyContext.ts";
import { run } from "./universal.ts";

const ONLY_32 = new Set(["msg_cycles_available", "msg_cycles_refunded", "msg_cycles_accept", "canister_cycle_balance", "call_cycles_add", "stable_size", "stable_grow", "stable_write", "stable_read"]);
/** The table's rows: each call is made with zeros in each of the 16 contexts; only the context decides whether it "cannot be executed". */
const rows = (memory64: boolean): (readonly [name: string, params: number, contexts: string])[] =>
  IC0_CALLS.filter(([name]) => !(memory64 && ONLY_32.has(name))).map(([name, params, , contexts]) => [name, params === "" ? 0 : params.split(" ").length, contexts as string]);

describe.each([["32", false], ["64", true]])("System API, overview of imports: with memories of %s bits", (_width, memory64) => {
  const runners = createContextRunners({ memory64 });
  test.each(rows(memory64))("%s works in its contexts and traps in the others", async (name, params, contexts) => {
    const allowed = contextsOf(contexts), call = run().ic0(name, ...new Array<number>(params).fill(0)), enter = await runners;
    const wrong = EXECUTION_CONTEXTS.filter((context) => {
      const message = enter[context](call);
      if (allowed.has(context)) return message.includes("cannot be executed in");
      return !message.includes(`Canister violated contract: "ic0_${name}" cannot be executed in ${MODE_NAMES[context]} mode`);
    });
    expect(wrong).toEqual([]);
  });
});
