import { HttpAgent, polling } from "@dfinity/agent";
import type { Principal } from "@dfinity/principal";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { assemble } from "../../test/canisters/assemble.ts";
import { createAndInstall } from "../../test/canisters/install.ts";
import { type BenchPart, quantile, timed } from "./row.ts";

/** A canister that loops for ever after it has changed its state, and one that answers at once. */
const BUSY = `(module (import "ic0" "msg_reply" (func $reply)) (import "ic0" "msg_reply_data_append" (func $append (param i32 i32))) (memory 1)
  (func (export "canister_update endless") (i32.store (i32.const 0) (i32.const 1)) (loop $again (br $again)))
  (func (export "canister_update step") (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1))) (call $reply))
  (func (export "canister_query look") (call $append (i32.const 0) (i32.const 4)) (call $reply)))`;
const NOTHING = new Uint8Array(0);
/** Milliseconds between two questions of one kind. */
const PAUSE_MS = 30;

/** What others saw while a message ran to its limit. Milliseconds, one for each question. */
export interface Seen {
  readonly seconds: number;
  /** Why the message was refused at its end. */
  readonly refusal: string;
  readonly front: readonly number[];
  readonly otherSubnet: { readonly queries: readonly number[]; readonly updates: readonly number[] };
  readonly sameSubnet: { readonly queries: readonly number[]; readonly updates: readonly number[] };
  /** What queries to the busy canister answered. */
  readonly busy: readonly string[];
}

/** Lets canisters of a network in another process loop until their message's limit of 40 G instructions, and asks around until the first has ended. */
export async function watchLongMessage(count = 1): Promise<Seen> {
  const child = spawn(process.execPath, ["scripts/bench/server.ts", "2"], { stdio: ["pipe", "pipe", "inherit"] });
  try {
    const hello = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
    const { url, rootKey, subnets } = JSON.parse(hello.value as string) as { url: string; rootKey: string; subnets: readonly string[] };
    const agent = HttpAgent.createSync({ host: url, rootKey: new Uint8Array(Buffer.from(rootKey, "hex")), verifyQuerySignatures: false });
    const module = await assemble(BUSY, "busy.wat"), [, here, there] = subnets;
    const busy = await createAndInstall(agent, here!, module), neighbour = await createAndInstall(agent, here!, module), other = await createAndInstall(agent, there!, module);
    const query = async (canister: Principal): Promise<string> => {
      const answer = await agent.query(canister, { methodName: "look", arg: NOTHING });
      return answer.status === "replied" ? Buffer.from(answer.reply.arg).toString("hex") : answer.reject_message;
    };
    /** The time until the answer is certified; the certificate is not checked, which would take the client longer than the network. */
    const update = async (canister: Principal): Promise<void> => {
      const { requestId, response } = await agent.call(canister, { methodName: "step", arg: NOTHING, callSync: true });
      if (response.status !== 200) await polling.pollForResponse(agent, canister, requestId, { blsVerify: () => Promise.resolve(true) });
    };
    const more: Principal[] = [];
    for (let i = 1; i < count; i++) more.push(await createAndInstall(agent, here!, module));
    await query(busy);
    await Promise.all([update(neighbour), update(other)]);

    const start = performance.now(), { requestId } = await agent.call(busy, { methodName: "endless", arg: NOTHING, callSync: false });
    for (const canister of more) await agent.call(canister, { methodName: "endless", arg: NOTHING, callSync: false });
    let ended = false;
    const asked = async (question: () => Promise<unknown>): Promise<readonly number[]> => {
      const times: number[] = [];
      while (!ended) {
        times.push(await timed(question));
        await new Promise((resolve) => { setTimeout(resolve, PAUSE_MS); });
      }
      return times;
    };
    const seen = new Set<string>();
    const refusal = polling.pollForResponse(agent, busy, requestId, { strategy: polling.strategy.backoff(500, 1), blsVerify: () => Promise.resolve(true) })
      .then(() => "it returned", (error: unknown) => (error instanceof Error ? error.message : String(error))).finally(() => { ended = true; });
    const [front, queriesThere, updatesThere, queries, updates] = await Promise.all([
      asked(async () => { await (await fetch(`${url}/api/v2/status`)).arrayBuffer(); }), asked(() => query(other)), asked(() => update(other)), asked(() => query(neighbour)), asked(() => update(neighbour)),
      asked(async () => { seen.add(await query(busy)); }),
    ]);
    return { seconds: (performance.now() - start) / 1000, refusal: await refusal, front, otherSubnet: { queries: queriesThere, updates: updatesThere }, sameSubnet: { queries, updates }, busy: [...seen] };
  } finally {
    await new Promise((resolve) => { child.once("exit", resolve); child.stdin.end(); });
  }
}

export const part: BenchPart = {
  ids: ["long.front.p95.ms", "long.subnet.p95.ms"],
  async run() {
    const { front, otherSubnet, sameSubnet, refusal, busy } = await watchLongMessage(), right = /40000000000 instructions/.test(refusal) && busy.join() === "00000000";
    const p95 = (times: readonly number[]): number | undefined => (right ? quantile(times, 0.95) : undefined), worst = (...lists: readonly (readonly number[])[]): readonly number[] => lists.reduce((a, b) => (quantile(a, 0.95) >= quantile(b, 0.95) ? a : b));
    return [
      { id: "long.front.p95.ms", value: p95(worst(front, otherSubnet.queries, otherSubnet.updates)), unit: "ms", target: 50, note: "status, and queries and updates of another subnet, while a message runs 40 G instructions" },
      { id: "long.subnet.p95.ms", value: p95(worst(sameSubnet.queries, sameSubnet.updates)), unit: "ms", target: 3000, note: "queries and updates of other canisters of the same subnet" },
    ];
  },
};
