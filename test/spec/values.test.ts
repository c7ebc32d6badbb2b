import { describe, expect, test } from "vitest";
import { type SenderInfo, bytesFromHex, canisterIdFromIndex, subnetId } from "../../src/replica/types/index.ts";
import { OTHER, START, USER, bytes } from "../unit/replica/execution/testSubnet.ts";
import { encodeCandid } from "../../src/replica/codec/candid.ts";
import { OUTCALL_PARAMS } from "../../src/replica/codec/candidOutcall.ts";
import { createUniversalSubnet, failureOf, replyOf, textOf, u128At, u64At } from "./universalSubnet.ts";
import { type Program, run } from "./universal.ts";

const WIDTHS = [["32", { memory64: false }], ["64", { memory64: true }]] as const;
const VARIABLES = [{ name: "PUBLIC_KEY", value: "abc" }, { name: "A", value: "" }, { name: "ZÜRICH", value: "grün" }];
const both = (program: (run: Program) => Program): Program => program(run()).reply();

describe.each(WIDTHS)("with memories of %s bits", async (_width, options) => {
  const { subnet, canister } = await createUniversalSubnet(options), universal = canister({ settings: { environment_variables: VARIABLES } }), peer = canister();
  const asked = (program: Program): Uint8Array => replyOf(universal.query(program)), told = (program: Program): Uint8Array => replyOf(universal.update(program));

  describe("Self-identification", () => {
    test("canister_self, subnet_self and subnet_self_node_count", () => {
      expect(asked(both((p) => p.take("canister_self")))).toEqual(bytesFromHex(universal.id));
      expect(told(both((p) => p.take("subnet_self")))).toEqual(bytesFromHex(subnetId(Uint8Array.of(1, 2, 3))));
      expect(u64At(asked(both((p) => p.number("subnet_self_node_count"))))).toBe(13n);
    });
  });
  describe("Method arguments", () => {
    test("msg_caller is the user, the canister that calls, or who installs", () => {
      expect(replyOf(universal.update(both((p) => p.take("msg_caller")), OTHER))).toEqual(bytesFromHex(OTHER));
      expect(replyOf(universal.query(both((p) => p.take("msg_caller")), OTHER))).toEqual(bytesFromHex(OTHER));
      expect(told(run().call({ callee: peer.id, method: "update", arg: both((p) => p.take("msg_caller")) }))).toEqual(bytesFromHex(universal.id));
      expect(peer.install(run().take("msg_caller").setVariable(0), "reinstall")).toBeUndefined();
      expect(replyOf(peer.query(run().getVariable(0).reply()))).toEqual(bytesFromHex(USER));
      expect(told(run().call({ callee: peer.id, method: "update", arg: run().reply("x"), onReply: both((p) => p.take("msg_caller")) }))).toEqual(bytesFromHex(USER));
    });
    test("msg_arg_data is the argument, and in a reply callback the reply", () => {
      const program = both((p) => p.number("msg_arg_data_size"));
      expect(u64At(told(program))).toBe(BigInt(program.bytes.length));
      expect(textOf(told(run().call({ callee: peer.id, method: "update", arg: run().reply("abc"), onReply: both((p) => p.take("msg_arg_data").take("msg_arg_data").concat()) })))).toBe("abcabc");
      expect(failureOf(universal.update(run().push(0, 100_000, 1).ic0("msg_arg_data_copy"))).message).toMatch(/exceeds the slice size/);
    });
    test("msg_caller_info_data and msg_caller_info_signer tell what a canister signed of the user", () => {
      const info: SenderInfo = { info: bytes("adult"), signer: canisterIdFromIndex(77n) }, program = both((p) => p.take("msg_caller_info_data").take("msg_caller_info_signer").concat());
      const expected = new Uint8Array(Buffer.concat([bytes("adult"), bytesFromHex(info.signer)]));
      expect(replyOf(subnet.query(universal.id, "query", program.bytes, USER, info))).toEqual(expected);
      const message = { ...subnet.ingress(universal.id, "update", run().call({ callee: peer.id, method: "update", arg: program, onReply: run().take("msg_arg_data").take("msg_caller_info_data").concat().reply() }).bytes), senderInfo: info };
      subnet.round([message]);
      for (let i = 0; i < 3; i++) subnet.round();
      expect(textOf(replyOf(subnet.status(message)))).toBe("adult"); // the callback still knows, the called canister does not
      expect(told(program)).toEqual(new Uint8Array(0));
    });
    test("msg_reject_code and msg_reject_msg, and their absence", () => {
      const tell = both((p) => p.number("msg_reject_code").take("msg_reject_msg").concat());
      const rejected = told(run().call({ callee: peer.id, method: "update", arg: run().reject("später"), onReject: tell }));
      expect([u64At(rejected), textOf(rejected.subarray(8))]).toEqual([4n, "später"]);
      expect(u64At(told(run().call({ callee: peer.id, method: "update", arg: run().reply("x"), onReply: both((p) => p.number("msg_reject_code")) })))).toBe(0n);
      expect(u64At(told(run().call({ callee: peer.id, method: "update", arg: run().trap("no"), onReject: both((p) => p.number("msg_reject_code")) })))).toBe(5n);
      const missing = canisterIdFromIndex(0x99n);
      expect(u64At(told(run().call({ callee: missing, method: "update", onReject: both((p) => p.number("msg_reject_code")) })))).toBe(3n);
    });
  });
  describe("Controller check", () => {
    test("is_controller knows the settings' principals; more than 29 bytes are none", () => {
      const check = (principal: Uint8Array): bigint => u64At(asked(both((p) => p.number("is_controller", principal))));
      expect([check(bytesFromHex(USER)), check(bytesFromHex(OTHER)), check(new Uint8Array(0)), check(bytesFromHex(universal.id))]).toEqual([1n, 0n, 0n, 0n]);
      expect(failureOf(universal.query(run().ic0("is_controller", new Uint8Array(30))))).toMatchObject({ code: "IC0504" });
    });
  });
  describe("Environment Variables", () => {
    test("env_var_count, env_var_name and env_var_value, by name order", () => {
      expect(u64At(asked(both((p) => p.number("env_var_count"))))).toBe(3n);
      const names = [0, 1, 2].map((i) => textOf(asked(both((p) => p.take("env_var_name", i)))));
      expect(names).toEqual(["A", "PUBLIC_KEY", "ZÜRICH"]);
      expect(["A", "PUBLIC_KEY", "ZÜRICH"].map((name) => textOf(asked(both((p) => p.take("env_var_value", name)))))).toEqual(["", "abc", "grün"]);
      expect(u64At(asked(both((p) => p.number("env_var_value_size", "ZÜRICH"))))).toBe(5n);
    });
    test("env_var_name_exists answers; what is not a name traps", () => {
      expect(["A", "B", ""].map((name) => u64At(asked(both((p) => p.number("env_var_name_exists", name)))))).toEqual([1n, 0n, 0n]);
      for (const [call, ...operands] of [["env_var_name_size", 3], ["env_var_value_size", "B"], ["env_var_name_exists", new Uint8Array(129)], ["env_var_name_exists", Uint8Array.of(255)], ["env_var_name_copy", 0, 0, 0, 2], ["env_var_value_copy", "A", 0, 0, 1]] as const) {
        expect(failureOf(universal.query(run().ic0(call, ...operands))), call).toMatchObject({ code: "IC0504" });
      }
    });
  });
  describe("System time", () => {
    test("time is the round's, the same within a message, later in the next", () => {
      const twice = told(run().number("time").number("time").concat().reply());
      expect(u64At(twice)).toBe(subnet.state.time);
      expect(u64At(twice, 8)).toBe(u64At(twice));
      expect(u64At(twice)).toBeGreaterThan(START);
      expect(u64At(told(both((p) => p.number("time"))))).toBeGreaterThan(u64At(twice));
      const backwards = told(run().call({ callee: peer.id, method: "update", arg: both((p) => p.number("time")), onReply: run().take("msg_arg_data").number("time").concat().reply() }));
      expect(u64At(backwards)).toBeLessThanOrEqual(u64At(backwards, 8));
    });
  });
  describe("Canister status", () => {
    test("canister_status is 1 while it runs", () => { expect(u64At(asked(both((p) => p.number("canister_status"))))).toBe(1n); });
  });
  describe("Replicated execution check", () => {
    test("in_replicated_execution: 1 in updates and queries called as updates, 0 in queries", () => {
      const program = both((p) => p.number("in_replicated_execution"));
      expect([told(program), replyOf(universal.replicatedQuery(program)), asked(program), replyOf(universal.composite(program))].map((data) => u64At(data))).toEqual([1n, 1n, 0n, 0n]);
    });
  });
  describe("Performance counter", () => {
    test("performance_counter grows by what runs; type 1 adds what ran in the call context before", () => {
      const counters = (): Program => run().number("performance_counter", 0).number("performance_counter", 0).concat().number("performance_counter", 1).concat();
      const first = told(counters().reply());
      expect(u64At(first, 8) - u64At(first)).toBeGreaterThan(200n);
      expect(u64At(first, 16) - u64At(first, 8)).toBeLessThan(2_000n);
      const later = told(run().call({ callee: peer.id, method: "update", arg: run().reply("x"), onReply: counters().reply() }));
      expect(u64At(later, 16) - u64At(later, 8)).toBeGreaterThan(6_500n); // call_new and call_perform alone are that much
      expect(failureOf(universal.update(run().ic0("performance_counter", 2)))).toMatchObject({ code: "IC0504" });
    });
    test("performance_counter of composite queries counts their own callbacks", () => {
      const answer = replyOf(universal.composite(run().call({ callee: peer.id, method: "query", arg: run().times(1000, run()).reply("x"), onReply: run().number("performance_counter", 0).number("performance_counter", 1).concat().reply() })));
      expect(u64At(answer, 8) - u64At(answer)).toBeGreaterThan(6_500n);
      expect(u64At(answer, 8)).toBeLessThan(100_000n); // the callee's loop is its own
    });
  });
  describe("Cycle cost calculation", () => {
    test("cost_call is the request, the largest answer and the largest callback", () => {
      const instructions = options.memory64 ? 2n : 1n;
      expect(u128At(asked(both((p) => p.take128("cost_call", 4, 100))))).toBe(260_000n + 1_000n * 104n + 1_000n * 2_097_152n + 5_000_000n + 40_000_000_000n * instructions);
    });
    test("cost_http_request_v2: what an outcall may use, who makes it", () => {
      const usage = { request_bytes: 200n, http_roundtrip_time_ms: 300n, raw_response_bytes: 2_000n, transformed_response_bytes: 2_000n, transform_instructions: 1_000_000n };
      const price = (outcall_type: readonly unknown[], changed: Partial<typeof usage> = {}): bigint => u128At(asked(both((p) => p.take128("cost_http_request_v2", encodeCandid([OUTCALL_PARAMS], [{ ...usage, ...changed, outcall_type }])))));
      const base = 13n * (1_000_000n + 50n * 200n), each = 50n * 2_000n + 300n * 300n + 76_923n, block = 730n * 13n;
      expect(price([])).toBe(69_433_156n);
      expect(price([{ fully_replicated: null }])).toBe(price([]));
      expect(price([], { transformed_response_bytes: 5n })).toBe(price([], { transformed_response_bytes: 1_025n })); // a reject may come instead
      expect(price([{ non_replicated: null }])).toBe(base + 13n * (90_000n * 13n + 2_000n * 13n + 100_000n) + each + 50n * 2_000n * 13n + block * 2_000n);
      const flexible = (requests: bigint, least: bigint): bigint => {
        const exact = requests * (each + 50n * 2_000n * 13n) + block * requests * 2_181n + (2_000n * 13n + 100_000n) * 13n * (requests - least);
        return base + 13n * (90_000n * 13n + 2_000n * 13n * least + 100_000n * least) + ((exact + requests - 1n) / requests) * requests;
      };
      expect(price([{ flexible: [{ total_requests: 4, min_responses: 2, max_responses: 3 }] }])).toBe(flexible(4n, 2n));
      expect(price([{ flexible: [] }])).toBe(flexible(13n, 9n));
      expect(failureOf(universal.update(run().take128("cost_http_request_v2", "no candid").reply())).message).toContain("ic0.cost_http_request_v2: the parameters do not decode");
    });
    test("cost_create_canister, cost_http_request and the keys' prices", () => {
      expect(u128At(asked(both((p) => p.take128("cost_create_canister"))))).toBe(500_000_000_000n);
      expect(u128At(asked(both((p) => p.take128("cost_http_request", 200, 2000))))).toBe((3_000_000n + 60_000n * 13n + 400n * 200n + 800n * 2000n) * 13n);
      for (const call of ["cost_sign_with_ecdsa", "cost_sign_with_schnorr", "cost_vetkd_derive_key"]) {
        const price = (name: string, algorithm: number): Uint8Array =>
          asked(run().push(16).do("alloc").setVariable(62).push(name, algorithm).getVariable(62).drop().ic0(call).do("asBlob").getVariable(62).concat().reply());
        const known = price("key_1", 0);
        expect([u64At(known), u128At(known, 8)], call).toEqual([0n, 10_000_000_000n]);
        expect([u64At(price("key_1", 9)), u64At(price("no_key", 0)), u128At(price("no_key", 0), 8)]).toEqual([1n, 2n, 0n]);
        expect(u64At(price("key_1", 1))).toBe(call === "cost_sign_with_schnorr" ? 0n : 1n);
      }
    });
  });
  describe("Certified data", () => {
    test("root_key is the network's, for replicated code", () => {
      expect(told(both((p) => p.take("root_key")))).toEqual(new Uint8Array(133).fill(7));
    });
    test("certified_data_set keeps up to 32 bytes; a trap keeps what was", () => {
      expect(universal.system.certifiedData).toEqual(new Uint8Array(0));
      told(run().ic0("certified_data_set", "first").ic0("certified_data_set", "second").ic0("msg_reply"));
      expect(textOf(universal.system.certifiedData)).toBe("second");
      failureOf(universal.update(run().ic0("certified_data_set", "third").trap("oh")));
      expect(failureOf(universal.update(run().ic0("certified_data_set", new Uint8Array(33))))).toMatchObject({ code: "IC0504" });
      expect(textOf(universal.system.certifiedData)).toBe("second");
      told(run().ic0("certified_data_set", new Uint8Array(32).fill(5)).ic0("msg_reply"));
      expect(universal.system.certifiedData).toEqual(new Uint8Array(32).fill(5));
    });
    test("data_certificate is present in queries and composite queries of the queried canister alone", () => {
      const present = both((p) => p.number("data_certificate_present")), certificate = both((p) => p.take("data_certificate"));
      expect([asked(present), replyOf(universal.composite(present)), told(present), replyOf(universal.replicatedQuery(present))].map((data) => u64At(data))).toEqual([1n, 1n, 0n, 0n]);
      expect([textOf(asked(certificate)), textOf(replyOf(universal.composite(certificate)))]).toEqual(["certificate", "certificate"]);
      expect(u64At(replyOf(universal.composite(run().call({ callee: peer.id, method: "query", arg: present }))))).toBe(0n);
      expect(u64At(replyOf(universal.composite(run().call({ callee: peer.id, method: "query", arg: run().reply("x"), onReply: present }))))).toBe(0n);
      expect(replyOf(universal.composite(run().call({ callee: peer.id, method: "query", arg: certificate })))[0]).toBe(5);
    });
  });
});
