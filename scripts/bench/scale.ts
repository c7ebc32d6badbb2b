import { HttpAgent, QueryResponseStatus } from "@dfinity/agent";
import type { Principal } from "@dfinity/principal";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Network, startNetwork } from "../../src/index.ts";
import { assemble } from "../../test/canisters/assemble.ts";
import { createAndInstall } from "../../test/canisters/install.ts";
import { Connection, preparedPost } from "./connection.ts";
import { anonymous, certificateOf, envelope } from "./envelopes.ts";
import type { BenchPart, BenchRow } from "./row.ts";

const COUNTS = [1, 2, 4], WARM_UP_MS = 3_000, MEASURED_MS = 12_000, IN_FLIGHT = 24, FED_A_SUBNET = 300, INSTRUCTIONS = [9_900_000, 10_100_000] as const;
/** What one more core must bring. */
const GAIN = 1.6;

/** Messages so far, the time of the state that says so, and the instructions of the last one. */
interface Reading { readonly messages: bigint; readonly time: bigint; readonly instructions: bigint }
async function read(agent: HttpAgent, canister: Principal): Promise<Reading> {
  const answer = await agent.query(canister, { methodName: "get", arg: new Uint8Array() });
  if (answer.status !== QueryResponseStatus.Replied) throw new RangeError("the burner answers");
  const bytes = Buffer.from(answer.reply.arg);
  return { messages: bytes.readBigUInt64LE(0), time: bytes.readBigUInt64LE(8), instructions: bytes.readBigUInt64LE(16) };
}

/** Updates of the same work over HTTP, so many of a subnet at once; the rate, or undefined when one was not answered. */
async function feed(url: string, canisters: readonly Principal[]): Promise<number | undefined> {
  let right = true;
  const start = performance.now();
  await Promise.all(canisters.map(async (canister) => {
    let left = FED_A_SUBNET;
    await Promise.all(Array.from({ length: IN_FLIGHT }, async () => {
      const connection = await Connection.open(url);
      while (left-- > 0) {
        const { body } = envelope(anonymous, "call", canister.toUint8Array(), "burn", new Uint8Array());
        right &&= certificateOf(await connection.post(preparedPost(url, `/api/v4/canister/${canister.toText()}/call`, body))) !== undefined;
      }
      connection.close();
    }));
  }));
  return right ? canisters.length * FED_A_SUBNET / ((performance.now() - start) / 1000) : undefined;
}

interface Measured { readonly made: number | undefined; readonly fed: number | undefined; readonly cores: number }
async function measure(subnets: number): Promise<Measured> {
  const stateDir = mkdtempSync(join(tmpdir(), "icx-scale-"));
  let network: Network | undefined;
  try {
    network = await startNetwork({ stateDir, workers: true, subnets: Array.from({ length: subnets }, () => ({ type: "application" as const })) });
    const { fetch: door, rootKey, url } = network, agent = HttpAgent.createSync({ host: url, fetch: ((input: string, init: RequestInit) => door(new Request(input, init))) as typeof fetch, rootKey, verifyQuerySignatures: false });
    const module = await assemble(readFileSync(new URL("../../test/canisters/burner.wat", import.meta.url), "utf8"), "burner.wat"), canisters: Principal[] = [];
    for (const { type, effectiveCanisterId } of network.subnets) if (type === "application") canisters.push(await createAndInstall(agent, effectiveCanisterId, module));
    const socket = await network.listen({ port: 0 }), fed = await feed(socket.url, canisters);
    await socket.close();

    for (const canister of canisters) await agent.call(canister, { methodName: "run", arg: new Uint8Array(), callSync: false });
    await delay(WARM_UP_MS);
    // A state says when its round began: from state to state the clock of the rounds is exact, whenever we ask.
    const before = await Promise.all(canisters.map((canister) => read(agent, canister))), cpu = process.cpuUsage(), start = performance.now();
    await delay(MEASURED_MS);
    const used = process.cpuUsage(cpu), cores = (used.user + used.system) / 1000 / (performance.now() - start), after = await Promise.all(canisters.map((canister) => read(agent, canister)));
    const rates = after.map(({ messages, time }, i) => Number(messages - before[i]!.messages) / (Number(time - before[i]!.time) / 1e9));
    const right = after.every(({ instructions }) => instructions >= INSTRUCTIONS[0] && instructions <= INSTRUCTIONS[1]);
    return { made: right ? rates.reduce((a, b) => a + b, 0) : undefined, fed, cores };
  } finally {
    await network?.suspend();
    rmSync(stateDir, { recursive: true, force: true });
  }
}

/** Scaling out: subnets in threads of their own that make their load themselves, while the network's thread is idle. */
export const part: BenchPart = {
  ids: COUNTS.map((count) => `subnets.scale.x${count}`),
  async run() {
    const rows: BenchRow[] = [], measured: Measured[] = [];
    for (const count of COUNTS) {
      const { made, fed, cores } = await measure(count), first = measured[0]?.made;
      measured.push({ made, fed, cores });
      rows.push({
        id: `subnets.scale.x${count}`, value: made, unit: "/s", ...(made !== undefined && first !== undefined && { baseline: first, ratio: made / first }),
        ...(count === 2 && first !== undefined && availableParallelism() >= 2 && { target: Math.round(GAIN * first) }),
        note: `messages of 10 M instructions, ${cores.toFixed(2)} cores busy, ${((made ?? 0) / cores).toFixed(0)} in a second of CPU; fed over HTTP ${fed === undefined ? "wrong" : fed.toFixed(0)}/s${count === 1 ? "" : "; baseline: one subnet"}`,
      });
    }
    return rows;
  },
};
