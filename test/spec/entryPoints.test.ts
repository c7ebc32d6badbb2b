import { describe, expect, test } from "vitest";
import { MANAGEMENT_CANISTER_ID, bytesFromHex } from "../../src/replica/types/index.ts";
import { type Hook, universalModule } from "../canisters/universal.ts";
import { OTHER, USER, candidPrincipal, dueSoon, settingsOf } from "../unit/replica/execution/testSubnet.ts";
import { createUniversalSubnet, failureOf, replyOf, textOf, u64At } from "./universalSubnet.ts";
import { type Program, run } from "./universal.ts";

const remember = (text: string): Program => run().getVariable(0).push(text).concat().setVariable(0);
const REMEMBERED = run().getVariable(0).reply(), DONE = run().ic0("msg_reply");
const TRAP = { code: "IC0503" } as const;

describe.each([["32", { memory64: false }], ["64", { memory64: true }]] as const)("with memories of %s bits", async (_width, options) => {
  const { subnet, canister } = await createUniversalSubnet({ ...options, hooks: ["pre_upgrade", "global_timer"] });
  const withHooks = (hooks: readonly Hook[], more: object = {}): Promise<Uint8Array> => universalModule({ ...options, hooks, ...more });
  const remembered = (of: ReturnType<typeof canister>): string => textOf(replyOf(of.query(REMEMBERED)));
  const callSelf = run().ic0("call_new", "", 0, 0, 0, 0);

  describe("Canister initialization", () => {
    test("init sees its argument, its caller and its canister", () => {
      const made = canister({ init: run().take("msg_caller").take("canister_self").concat().setVariable(0) });
      expect(replyOf(made.query(REMEMBERED))).toEqual(new Uint8Array(Buffer.concat([bytesFromHex(USER), bytesFromHex(made.id)])));
    });
    test("a trap in init, by itself, by a call, a reply or a reject, installs nothing", async () => {
      const empty = subnet.create(), module = await withHooks([]);
      for (const program of [run().trap("no"), callSelf, run().reply("x"), run().reject("x")]) {
        expect(subnet.install(empty, module, { install: null }, program.bytes)).toHaveProperty("code");
        expect(subnet.query(empty, "query")).toMatchObject({ ok: false, error: { code: "IC0537" } });
      }
    });
    test("reinstalling wipes heap, stable memory, certified data and timer; a trap in it leaves all", () => {
      const made = canister({ init: remember("old").ic0("stable64_grow", 1).drop().ic0("certified_data_set", "c").ic0("global_timer_set", -1).drop() });
      expect(made.install(run().trap("no"), "reinstall")).toMatchObject(TRAP);
      const state = run().getVariable(0).number("stable64_size").concat().reply();
      expect(replyOf(made.query(state))).toEqual(Uint8Array.of(...Buffer.from("old"), 1, 0, 0, 0, 0, 0, 0, 0));
      expect(textOf(made.system.certifiedData)).toBe("c");
      expect(made.install(run(), "reinstall")).toBeUndefined();
      expect(u64At(replyOf(made.query(state)))).toBe(0n);
      expect([made.system.certifiedData.length, made.system.globalTimer]).toEqual([0, 0n]);
    });
    test("certified data may be set in init, pre_upgrade and post_upgrade", () => {
      const made = canister({ init: run().ic0("certified_data_set", "init") });
      expect(textOf(made.system.certifiedData)).toBe("init");
      made.update(run().hook("pre_upgrade", run().ic0("certified_data_set", "pre")).splice(DONE));
      expect(made.install(run(), "upgrade")).toBeUndefined();
      expect(textOf(made.system.certifiedData)).toBe("pre");
      expect(made.install(run().ic0("certified_data_set", "post"), "upgrade")).toBeUndefined();
      expect(textOf(made.system.certifiedData)).toBe("post");
    });
  });

  describe("Canister upgrades", () => {
    const STABLE = run().ic0("stable64_size").when(run().push(16).do("alloc", "drop", "dup").push(0, 3).ic0("stable64_read").push(3).reply().do("stop")).reply("");
    test("pre_upgrade runs on the old code, post_upgrade on the new with the argument; stable memory stays, the heap goes", () => {
      const made = canister({ init: remember("heap").hook("pre_upgrade", run().ic0("stable64_grow", 1).drop().push(0, "pre").ic0("stable64_write")) });
      expect(made.install(run().take("msg_caller").setVariable(1), "upgrade")).toBeUndefined();
      expect(remembered(made)).toBe("");
      expect(replyOf(made.query(run().getVariable(1).reply()))).toEqual(bytesFromHex(USER));
      expect(textOf(replyOf(made.query(STABLE)))).toBe("pre");
    });
    test("a trap in pre_upgrade or post_upgrade, however it comes, undoes the whole; skip_pre_upgrade goes around the first", () => {
      const hook = (program: Program): Program => remember("heap").hook("pre_upgrade", run().ic0("certified_data_set", "undone").splice(program));
      for (const program of [run().trap("no"), callSelf, run().take("msg_arg_data"), run().reply("x")]) {
        const made = canister({ init: hook(program) });
        expect(made.install(run(), "upgrade")).toHaveProperty("code");
        expect([remembered(made), textOf(made.system.certifiedData)]).toEqual(["heap", ""]);
        expect(made.install(run(), { skipPreUpgrade: true })).toBeUndefined();
        expect(remembered(made)).toBe("");
      }
      for (const program of [run().trap("no"), callSelf]) {
        const made = canister({ init: hook(run()) });
        expect(made.install(program, "upgrade")).toHaveProperty("code");
        expect([remembered(made), textOf(made.system.certifiedData)]).toEqual(["heap", ""]);
      }
    });
    test("wasm_memory_persistence: `keep` keeps the heap and no global, where the module asks for it; else it is refused", async () => {
      const persistent = await withHooks(["pre_upgrade"], { sections: { "icp:private enhanced-orthogonal-persistence": "" } });
      const plain = canister({ init: remember("heap") });
      expect(plain.install(run(), { persistence: "keep" })).toMatchObject({ message: expect.stringContaining("Invalid upgrade option") });
      const made = canister({ module: persistent, init: remember("heap").push(7).do("setGlobal") });
      expect(made.install(run(), "upgrade")).toMatchObject({ message: expect.stringContaining("Missing upgrade option") });
      expect(made.install(run(), { persistence: "keep" })).toBeUndefined();
      expect(remembered(made)).toBe("heap");
      expect(u64At(replyOf(made.query(run().do("getGlobal", "asBlob").reply())))).toBe(0n);
      expect(made.install(run(), { persistence: "keep" }, await withHooks([]))).toMatchObject({ message: expect.stringContaining("Invalid upgrade option") });
      expect(made.install(run(), { persistence: "replace" })).toBeUndefined();
      expect(remembered(made)).toBe("");
    });
    test("the status may be seen in post_upgrade: 3 in a stopped canister", () => {
      const made = canister(), about = { canister_id: candidPrincipal(made.id) };
      expect(subnet.manage("stop_canister", about)).toBeUndefined();
      expect(made.install(run().number("canister_status").setVariable(0), "upgrade")).toBeUndefined();
      subnet.manage("start_canister", about);
      expect(u64At(replyOf(made.query(REMEMBERED)))).toBe(3n);
    });
    test("the start function runs before init and at upgrades", async () => {
      const made = canister({ module: await withHooks(["pre_upgrade"], { start: true }) }), program = remember("start").bytes, size = Buffer.alloc(4);
      size.writeInt32LE(program.length);
      replyOf(made.update(run().ic0("stable64_grow", 1).drop().push(0, new Uint8Array(Buffer.concat([size, program]))).ic0("stable64_write").splice(DONE)));
      expect(made.install(remember("+post"), "upgrade")).toBeUndefined();
      expect(remembered(made)).toBe("start+post");
    });
  });

  describe("Public methods", () => {
    test("queries keep nothing, asked or called; updates do", () => {
      const made = canister(), ask = remember("x").splice(REMEMBERED);
      expect([textOf(replyOf(made.query(ask))), textOf(replyOf(made.replicatedQuery(ask))), textOf(replyOf(made.composite(ask))), remembered(made)]).toEqual(["x", "x", "x", ""]);
      expect([textOf(replyOf(made.update(ask))), textOf(replyOf(made.update(ask))), remembered(made)]).toEqual(["x", "xx", "xx"]);
      failureOf(made.update(remember("lost").trap("no")));
      expect(remembered(made)).toBe("xx");
    });
    test("methods that are not there, or of another kind, have no answer", () => {
      const { id } = canister();
      expect([subnet.call(id, "no_such"), subnet.query(id, "no_such"), subnet.query(id, "update")].map((answer) => failureOf(answer).code)).toEqual(["IC0536", "IC0536", "IC0536"]);
      expect(failureOf(subnet.call(id, "composite")).code).toBe("IC0527");
    });
    test("a canister without code, stopped or deleted answers nobody", () => {
      const made = canister(), about = { canister_id: candidPrincipal(made.id) }, codes = (): string[] => [made.update(DONE), made.query(DONE)].map((answer) => failureOf(answer).code);
      subnet.manage("uninstall_code", { ...about, sender_canister_version: [] });
      expect(codes()).toEqual(["IC0537", "IC0537"]);
      subnet.manage("stop_canister", about);
      expect(codes()).toEqual(["IC0508", "IC0508"]);
      subnet.manage("delete_canister", about);
      expect(codes()).toEqual(["IC0301", "IC0301"]);
    });
  });

  describe("Heartbeat", () => {
    test("canister_heartbeat runs each round as aaaaa-aa, may call, cannot answer", async () => {
      const made = canister({ module: await withHooks(["heartbeat"]) }), beat = run().take("msg_caller").push("|").concat().getVariable(0).concat().setVariable(0);
      made.update(run().hook("heartbeat", beat).splice(DONE));
      const before = remembered(made).length;
      subnet.round(); subnet.round();
      expect(remembered(made).length - before).toBe(2); // the caller's name is empty
      const peer = canister();
      made.update(run().hook("heartbeat", run().hook("heartbeat", run()).call({ callee: peer.id, method: "update", arg: run().reply("hi"), onReply: run().take("msg_caller").push("called:").concat().take("msg_arg_data").concat().setVariable(0) })).splice(DONE));
      subnet.round(); subnet.round();
      expect(remembered(made)).toBe("called:hi");
      made.update(run().hook("heartbeat", run().reply("x")).splice(DONE));
      subnet.round();
      expect(textOf(made.system.logs.at(-1)!.content)).toContain("msg_reply_data_append");
    });
  });

  describe("Global timer", () => {
    const ring = remember("ring"), set = (at: Program): Program => run().hook("global_timer", ring).splice(at).ic0("global_timer_set").do("asBlob").reply();
    const soon = run().ic0("time").push(5_000_000_000n).do("add");
    test("global_timer_set gives what was set before; the timer rings once, when its time has come", () => {
      const made = canister();
      expect(u64At(replyOf(made.update(set(soon))))).toBe(0n);
      const due = made.system.globalTimer;
      expect(dueSoon(subnet)).toContain(made.id);
      expect(u64At(replyOf(made.update(set(soon))))).toBe(due);
      subnet.round([], 4.5);
      expect(remembered(made)).toBe("");
      subnet.round([], 2);
      expect([remembered(made), made.system.globalTimer]).toEqual(["ring", 0n]);
      subnet.round([], 60);
      expect(remembered(made)).toBe("ring");
    });
    test("0 takes it back; a time that is past rings in the next round", () => {
      const made = canister();
      replyOf(made.update(set(soon)));
      replyOf(made.update(set(run().push(0))));
      subnet.round([], 10);
      expect(remembered(made)).toBe("");
      replyOf(made.update(set(run().push(1))));
      subnet.round();
      expect(remembered(made)).toBe("ring");
    });
    test("it may be set in init, post_upgrade and by itself; not by what is not replicated", () => {
      const made = canister({ init: run().hook("global_timer", run().splice(ring).ic0("time").push(1).do("add").ic0("global_timer_set").drop()).push(1).ic0("global_timer_set").drop() });
      subnet.round([], 1);
      subnet.round([], 1);
      expect(remembered(made).length).toBeGreaterThanOrEqual(8);
      expect(failureOf(made.query(run().ic0("global_timer_set", 1)))).toMatchObject({ code: "IC0504" });
    });
    test("every change of the code deactivates it; a stopped canister's waits", () => {
      const about = (id: string): object => ({ canister_id: candidPrincipal(id as never) });
      for (const change of ["upgrade", "reinstall"] as const) {
        const made = canister();
        replyOf(made.update(set(soon)));
        made.install(run().hook("global_timer", ring), change);
        expect(made.system.globalTimer).toBe(0n);
      }
      const gone = canister();
      replyOf(gone.update(set(soon)));
      subnet.manage("uninstall_code", { ...about(gone.id), sender_canister_version: [] });
      expect(gone.system.globalTimer).toBe(0n);
      const stopped = canister();
      replyOf(stopped.update(set(soon)));
      subnet.manage("stop_canister", { ...about(stopped.id) });
      subnet.round([], 10);
      subnet.manage("start_canister", { ...about(stopped.id) });
      subnet.round();
      expect(remembered(stopped)).toBe("ring");
    });
    test("a frozen canister's timer stays set, and rings when it can be paid for", () => {
      const made = canister(), freeze = (seconds: bigint): unknown => subnet.manage("update_settings", { canister_id: candidPrincipal(made.id), settings: settingsOf({ freezing_threshold: seconds }), sender_canister_version: [] });
      replyOf(made.update(set(soon)));
      freeze(10n ** 15n);
      subnet.round([], 10);
      expect(made.system.globalTimer).toBeGreaterThan(0n);
      freeze(0n);
      subnet.round();
      expect([remembered(made), made.system.globalTimer]).toEqual(["ring", 0n]);
    });
    test("a timer that traps is gone, and its trap is in the log", () => {
      const made = canister();
      replyOf(made.update(run().hook("global_timer", remember("lost").trap("in the timer")).ic0("global_timer_set", 1).drop().splice(DONE)));
      subnet.round();
      expect([remembered(made), made.system.globalTimer]).toEqual(["", 0n]);
      expect(textOf(made.system.logs.at(-1)!.content)).toContain("in the timer");
    });
  });

  describe("On Low Wasm Memory", () => {
    test("the hook runs once when less than the threshold is left, and again after there was more", async () => {
      const made = canister({ module: await withHooks(["on_low_wasm_memory"]), settings: { wasm_memory_limit: 20n << 16n, wasm_memory_threshold: 10n << 16n }, init: run().hook("on_low_wasm_memory", remember("low")) });
      const grow = (pages: number): Program => run().push(pages).do("grow", "asBlob").reply();
      replyOf(made.update(grow(3)));
      expect(remembered(made)).toBe("");
      replyOf(made.update(grow(8)));
      expect(remembered(made)).toBe("low");
      replyOf(made.update(grow(1)));
      subnet.round();
      expect(remembered(made)).toBe("low");
      const limit = (pages: bigint): unknown => subnet.manage("update_settings", { canister_id: candidPrincipal(made.id), settings: settingsOf({ wasm_memory_limit: pages << 16n }), sender_canister_version: [] });
      expect(limit(40n)).toBeUndefined();
      expect(limit(20n)).toBeUndefined();
      subnet.round();
      expect(remembered(made)).toBe("lowlow");
      expect(failureOf(made.update(grow(30)))).toMatchObject({ code: "IC0539" });
    });
  });

  describe("Ingress message inspection", () => {
    test("accept_message lets the message in, once; its absence and traps keep it out", async () => {
      const made = canister({ module: await withHooks(["inspect_message"]) });
      const inspect = (program: Program, sender = USER): string => {
        made.install(run().hook("inspect_message", program), "reinstall");
        const answer = subnet.inspect(subnet.ingress(made.id, "update", Uint8Array.of(1, 2), sender));
        return answer.ok ? "accepted" : answer.error.code;
      };
      const accept = run().ic0("accept_message");
      expect([accept, run(), run().ic0("accept_message").ic0("accept_message"), run().ic0("accept_message").trap("no"), run().do("unreachable")].map((program) => inspect(program))).toEqual(["accepted", "IC0406", "IC0504", "IC0503", "IC0502"]);
      const only = (call: string, wanted: number): Program => run().ic0(`${call}_size`).push(wanted).do("eq").when(accept);
      expect([inspect(only("msg_method_name", 6)), inspect(only("msg_method_name", 7)), inspect(only("msg_arg_data", 2)), inspect(only("msg_caller", 29), OTHER)]).toEqual(["accepted", "IC0406", "accepted", "accepted"]);
      const first = run().take("msg_method_name").drop().do("load8").push("u".charCodeAt(0)).do("eq").when(accept);
      expect(inspect(first)).toBe("accepted");
      expect(inspect(remember("lost").ic0("accept_message"))).toBe("accepted");
      expect(remembered(made)).toBe("");
    });
    test("without code nothing comes in, and queries are not inspected", async () => {
      const empty = subnet.create();
      expect(subnet.inspect(subnet.ingress(empty, "update"))).toMatchObject({ ok: false, error: { code: "IC0537" } });
      const made = canister({ module: await withHooks(["inspect_message"]), init: run().hook("inspect_message", run().trap("never")) });
      expect(textOf(replyOf(made.query(run().reply("free"))))).toBe("free");
      expect(textOf(replyOf(canister().update(run().call({ callee: made.id, method: "update", arg: run().reply("called") }))))).toBe("called");
      expect(subnet.inspect(subnet.ingress(MANAGEMENT_CANISTER_ID, "raw_rand", Uint8Array.from(Buffer.from("DIDL\0\0"))))).toMatchObject({ ok: false });
    });
  });
});
