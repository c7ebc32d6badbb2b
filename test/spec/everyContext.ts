import { strict as assert } from "node:assert";
import { execute } from "../../src/replica/execution/hypervisor.ts";
import { createParamsOf } from "../../src/replica/execution/createExecution.ts";
import { createProgramStore } from "../../src/replica/execution/programs.ts";
import { subnetViewOf } from "../../src/replica/execution/subnetViewOf.ts";
import type { ExecutionContext } from "../../src/replica/execution/systemApi/executionContext.ts";
import { createSystemApi } from "../../src/replica/execution/systemApi/importHandlers.ts";
import { importSignatures, systemCallRows } from "../../src/replica/execution/systemApi/systemCallRows.ts";
import { createWasmEngine } from "../../src/replica/execution/wasm/createWasmEngine.ts";
import { type IngressStatus, MANAGEMENT_CANISTER_ID, type Result, type UserError } from "../../src/replica/types/index.ts";
import { HOOKS, type UniversalOptions, universalModule } from "../canisters/universal.ts";
import { createUniversalSubnet, textOf } from "./universalSubnet.ts";
import { type Program, run } from "./universal.ts";

/** Runs a program in each context of the specification and tells the trap that it met, or "" when it met none. */
export type ContextRunners = Readonly<Record<ExecutionContext, (program: Program) => string>>;
const messageOf = (answer: IngressStatus | Result<Uint8Array | void, UserError>): string =>
  ("ok" in answer ? (answer.ok ? "" : answer.error.message) : answer.kind === "failed" ? answer.message : "");
/** What the cleanup met, told behind what its callback met. */
const cleanupPart = (message: string): string => message.split("call_on_cleanup also failed:\n\n")[1] ?? "";
const END = run().ic0("msg_reply");

/** Each context is entered as canisters enter it; the transform query, which needs an outcall, straight from the hypervisor. */
export async function createContextRunners(options: UniversalOptions = {}, subnetOptions: Parameters<typeof createUniversalSubnet>[1] = {}): Promise<ContextRunners> {
  const hooks = HOOKS.filter((hook) => hook !== "heartbeat" && hook !== "inspect_message");
  const { subnet, canister } = await createUniversalSubnet({ ...options, hooks }, subnetOptions);
  const [plain, peer] = [canister(), canister()];
  const inspected = canister({ module: await universalModule({ ...options, hooks: ["inspect_message"] }), init: run() }), started = canister({ module: await universalModule({ ...options, start: true }) });
  started.update(run().ic0("stable64_grow", 1).drop().splice(END));
  const engine = createWasmEngine(importSignatures), programs = createProgramStore(engine, createSystemApi(systemCallRows), new Map()), params = { ...createParamsOf("local")(subnet.state), ...subnetOptions.params };

  const installed = (answer: unknown): string => (answer === undefined ? "" : (answer as { message: string }).message);
  const answered = (program: Program): Program => run().splice(program).splice(END);
  const failing = run().reject("so that the callback is the one for rejects"), cross = { callee: peer.id, method: "query" };
  return {
    s(program) {
      const size = Buffer.alloc(4);
      size.writeInt32LE(program.bytes.length);
      started.update(run().push(0, Buffer.concat([size, program.bytes])).ic0("stable64_write").splice(END));
      return installed(started.install(run(), "upgrade"));
    },
    I: (program) => installed(plain.install(program, "reinstall")) || installed(plain.install(program, "upgrade")),
    G(program) {
      plain.update(run().hook("pre_upgrade", program).splice(END));
      const met = installed(plain.install(run(), "upgrade"));
      if (met !== "") plain.update(run().hook("pre_upgrade", run()).splice(END));
      return met;
    },
    U: (program) => messageOf(plain.update(answered(program))),
    RQ: (program) => messageOf(plain.replicatedQuery(answered(program))),
    NRQ: (program) => messageOf(plain.query(answered(program))),
    TQ(program) {
      const { system, execution } = subnet.state.canisters.get(plain.id)!;
      const { outcome } = execute(programs, subnetViewOf(subnet.state, params), {
        id: plain.id, system, execution: execution!, context: "TQ", entry: { kind: "export", name: "canister_query query" }, caller: MANAGEMENT_CANISTER_ID, arg: answered(program).bytes,
        balance: system.balance, instructionsMax: params.queryInstructionsMax, discard: true,
      });
      return outcome.kind === "trapped" ? outcome.error.message : "";
    },
    CQ: (program) => messageOf(plain.composite(answered(program))),
    Ry: (program) => messageOf(plain.update(run().call({ ...cross, arg: END, onReply: answered(program), onReject: run().trap("an answer was due") }))),
    Rt: (program) => messageOf(plain.update(run().call({ ...cross, arg: failing, onReject: answered(program), onReply: run().trap("a reject was due") }))),
    C: (program) => cleanupPart(messageOf(plain.update(run().call({ ...cross, arg: END, onReply: run().do("unreachable"), onCleanup: program })))),
    CRy: (program) => messageOf(plain.composite(run().call({ ...cross, arg: END, onReply: answered(program), onReject: run().trap("an answer was due") }))),
    CRt: (program) => messageOf(plain.composite(run().call({ ...cross, arg: failing, onReject: answered(program), onReply: run().trap("a reject was due") }))),
    CC: (program) => cleanupPart(messageOf(plain.composite(run().call({ ...cross, arg: END, onReply: run().do("unreachable"), onCleanup: program })))),
    F(program) {
      inspected.install(run().hook("inspect_message", program), "reinstall");
      const met = messageOf(subnet.inspect(subnet.ingress(inspected.id, "update")));
      return met.endsWith("Canister rejected the message") ? "" : met;
    },
    T(program) {
      const before = plain.system.nextLogIndex;
      assert.equal(plain.update(run().hook("global_timer", program).ic0("global_timer_set", 1).drop().splice(END)).kind, "completed");
      subnet.round([], 1);
      const line = plain.system.logs.filter(({ index }) => index >= before).map(({ content }) => textOf(content)).find((content) => content.startsWith("[TRAP]"));
      return line ?? "";
    },
  };
}
