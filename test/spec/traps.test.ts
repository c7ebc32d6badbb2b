import { describe, expect, test } from "vitest";
import { MANAGEMENT_TYPES } from "../../src/replica/codec/candidManagement.ts";
import { decodeCandid, encodeCandid } from "../../src/replica/codec/candid.ts";
import { MANAGEMENT_CANISTER_ID } from "../../src/replica/types/index.ts";
import { OTHER, candidPrincipal, settingsOf } from "../unit/replica/execution/testSubnet.ts";
import { type Universal, createUniversalSubnet, failureOf, replyOf, textOf } from "./universalSubnet.ts";
import { type Program, run } from "./universal.ts";

const DONE = run().ic0("msg_reply"), print = (text: string): Program => run().ic0("debug_print", text);

describe.each([["32", { memory64: false }], ["64", { memory64: true }]] as const)("Debugging aids: with memories of %s bits", async (_width, options) => {
  const { subnet, canister } = await createUniversalSubnet({ ...options, hooks: ["pre_upgrade", "global_timer"] });
  const logged = (of: Universal): string[] => of.system.logs.map(({ content }) => textOf(content));

  test("debug_print goes to the log from replicated code and installations, not from queries, and stays when the message traps", () => {
    const made = canister({ init: print("init") }), peer = canister();
    made.update(run().splice(print("update")).splice(DONE));
    made.replicatedQuery(run().splice(print("replicated query")).splice(DONE));
    made.query(run().splice(print("query")).splice(DONE));
    made.composite(run().splice(print("composite")).call({ callee: peer.id, method: "query", arg: DONE, onReply: run().splice(print("composite reply")).splice(DONE) }));
    made.update(run().call({ callee: peer.id, method: "update", arg: DONE, onReply: run().splice(print("reply")).do("unreachable"), onCleanup: print("cleanup") }));
    made.update(run().hook("pre_upgrade", print("pre")).hook("global_timer", print("timer")).ic0("global_timer_set", 1).drop().splice(DONE));
    subnet.round();
    made.install(print("post"), "upgrade");
    expect(logged(made).map((line) => line)).toEqual(["init", "update", "replicated query", "reply", "[TRAP]: unreachable", "cleanup", "timer", "pre", "post"]);
    made.install(run(), "reinstall");
    expect(logged(made)).toEqual([]);
  });
  test("debug_print never traps, wherever it points", () => {
    const made = canister();
    replyOf(made.update(run().ic0("debug_print", 2 ** 31, 100).ic0("debug_print", -1, 1).splice(DONE)));
    expect(logged(made)).toEqual(["(debug_print message out of memory bounds)", "(debug_print message out of memory bounds)"]);
  });
  test("trap always traps with its text, also where that is not UTF-8 or lies outside", () => {
    const made = canister();
    for (const ask of [made.update, made.query, made.replicatedQuery, made.composite]) {
      expect(failureOf(ask(run().trap("my reason")))).toMatchObject({ code: "IC0503", message: expect.stringContaining("Canister called `ic0.trap` with message: 'my reason'") });
    }
    expect(failureOf(made.update(run().ic0("trap", Uint8Array.of(255, 65)))).code).toBe("IC0503");
    expect(failureOf(made.update(run().ic0("trap", 2 ** 31, 5))).message).toContain("(trap message out of memory bounds)");
    expect(failureOf(made.update(run().trap("my reason"))).rejectCode).toBe(5);
    expect(logged(made).at(-1)).toMatch(/^\[TRAP\].*my reason/);
  });
  test("traps of the machine are named", () => {
    const made = canister(), trapOf = (program: Program): string => failureOf(made.update(program)).message;
    expect(trapOf(run().do("unreachable"))).toMatch(/Canister trapped: unreachable/);
    expect(trapOf(run().push(1, 0).do("divide"))).toMatch(/integer division by 0/);
    expect(trapOf(run().push(2n ** 31n).do("load64"))).toMatch(/heap out of bounds/);
    expect(trapOf(run().do("recurse"))).toMatch(/stack overflow/);
    expect(failureOf(made.update(run().raw(255))).code).toBe("IC0502");
  });
  test("logs are for those whom the setting names, the oldest make room for the newest", () => {
    const made = canister(), arg = encodeCandid(MANAGEMENT_TYPES.fetch_canister_logs.args, [{ canister_id: candidPrincipal(made.id), filter: [] }]);
    for (let i = 0; i < 6; i++) replyOf(made.update(run().splice(print(`${i}`.repeat(1000))).splice(DONE)));
    expect(logged(made).map((line) => line[0])).toEqual(["2", "3", "4", "5"]);
    const fetch = (sender?: typeof OTHER): ReturnType<typeof subnet.query> => subnet.query(MANAGEMENT_CANISTER_ID, "fetch_canister_logs", arg, sender);
    expect(failureOf(fetch(OTHER)).code).toBe("IC0406");
    subnet.manage("update_settings", { canister_id: candidPrincipal(made.id), settings: settingsOf({ log_visibility: { public: null } }), sender_canister_version: [] });
    const records = decodeCandid(MANAGEMENT_TYPES.fetch_canister_logs.results, replyOf(fetch(OTHER)));
    expect(records.ok && (records.value[0] as { canister_log_records: { idx: bigint }[] }).canister_log_records.map(({ idx }) => idx)).toEqual([2n, 3n, 4n, 5n]);
  });
});

describe("Message execution: instruction limits", async () => {
  const { canister } = await createUniversalSubnet({ hooks: ["pre_upgrade", "inspect_message"] }, { params: { messageInstructionsMax: 2_000_000n, queryInstructionsMax: 1_000_000n, installInstructionsMax: 50_000_000n } });
  const endless = run().forever(run());
  test("end what does not end: updates, queries, callbacks, installations", () => {
    const [a, b] = [canister({ init: run().hook("inspect_message", run().ic0("accept_message")) }), canister()];
    expect(failureOf(a.update(endless))).toMatchObject({ code: "IC0522", message: expect.stringContaining("2000000") });
    expect(failureOf(a.replicatedQuery(endless)).code).toBe("IC0522");
    expect(failureOf(a.query(endless))).toMatchObject({ code: "IC0522", message: expect.stringContaining("1000000") });
    expect(failureOf(a.update(run().call({ callee: b.id, method: "update", arg: DONE, onReply: endless }))).code).toBe("IC0522");
    expect(a.install(endless, "reinstall")).toMatchObject({ code: "IC0522" });
    expect(textOf(replyOf(a.update(run().reply("alive"))))).toBe("alive");
  });
});
