import { HttpAgent } from "@dfinity/agent";
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, truncateSync, openSync, writeSync, closeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Principal } from "@dfinity/principal";
import { assemble } from "../canisters/assemble.ts";
import { createAndInstall } from "../canisters/install.ts";
import { type Victim, startVictim } from "./victimProcess.ts";

const KILLS = 20;
const TAIL_BYTES = 64 * 1024;

let stateDir: string;
let victim: Victim | undefined;
beforeEach(() => { stateDir = mkdtempSync(join(tmpdir(), "icx-kill-")); });
afterEach(async () => { await victim?.kill(); rmSync(stateDir, { recursive: true, force: true }); });

const number = (value: number): Uint8Array => { const bytes = new Uint8Array(4); new DataView(bytes.buffer).setUint32(0, value, true); return bytes; };
/** Moments differ from run to run of the loop, and are the same in every run of the suite. */
function* moments(seed: number): Generator<number> {
  for (let state = seed; ;) { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; yield 30 + (state / 2 ** 32) * 400; }
}

interface Flood { readonly acknowledged: Set<number>; readonly sent: Set<number>; readonly done: Promise<void> }
/** Updates from eight callers until the network is gone. Numbers are used once. */
function flood(agent: HttpAgent, canister: Principal, from: number): Flood {
  const acknowledged = new Set<number>(), sent = new Set<number>();
  let next = from;
  const caller = async (): Promise<void> => {
    for (;;) {
      const mine = next++;
      if (mine >= 16384) return;
      sent.add(mine);
      try {
        const { response } = await agent.call(canister, { methodName: "visit", arg: number(mine), callSync: true });
        if (response.status === 200) acknowledged.add(mine);
      } catch { return; }
    }
  };
  return { acknowledged, sent, done: Promise.all(Array.from({ length: 8 }, caller)).then(() => undefined) };
}

const visits = async (agent: HttpAgent, canister: Principal): Promise<Uint8Array> => {
  const answer = await agent.query(canister, { methodName: "visits", arg: new Uint8Array() });
  if (answer.status !== "replied") throw new TypeError(`query rejected: ${answer.reject_message}`);
  return answer.reply.arg;
};

/** A new life of the network on the same directory. */
async function live(): Promise<{ agent: HttpAgent; effectiveCanisterId: string }> {
  victim = startVictim(stateDir);
  const { url, rootKey, effectiveCanisterId } = await victim.serving;
  return { agent: HttpAgent.createSync({ host: url, rootKey: new Uint8Array(Buffer.from(rootKey, "hex")), verifyQuerySignatures: false, retryTimes: 0 }), effectiveCanisterId };
}

/** Every height that both lives computed has the same state; there is at least one such height. */
function expectSameStates(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): void {
  const common = [...before.keys()].filter((height) => after.has(height));
  expect(common.length).toBeGreaterThan(0);
  for (const height of common) expect([height, after.get(height)]).toEqual([height, before.get(height)]);
}

async function expectNothingLost(agent: HttpAgent, canister: Principal, acknowledged: ReadonlySet<number>, sent: ReadonlySet<number>): Promise<void> {
  const counts = await visits(agent, canister);
  expect([...acknowledged].filter((id) => counts[id] !== 1)).toEqual([]);
  expect([...counts.keys()].filter((id) => counts[id]! > 1 || (counts[id] === 1 && !sent.has(id)))).toEqual([]);
}

describe("kill -9", () => {
  test(`at ${KILLS} moments under a stream of updates: nothing acknowledged is lost, nothing happens twice, replay gives the same states`, { timeout: 240_000 }, async () => {
    let { agent, effectiveCanisterId } = await live();
    const module = await assemble(readFileSync(new URL("../canisters/visits.wat", import.meta.url), "utf8"));
    const canister = await createAndInstall(agent, effectiveCanisterId, module);
    const acknowledged = new Set<number>(), sent = new Set<number>(), moment = moments(7);
    for (let kill = 0; kill < KILLS; kill++) {
      const stream = flood(agent, canister, sent.size);
      await after(moment.next().value as number);
      const before = victim!.hashes;
      await victim!.kill();
      await stream.done;
      for (const id of stream.acknowledged) acknowledged.add(id);
      for (const id of stream.sent) sent.add(id);
      ({ agent } = await live());
      expectSameStates(before, victim!.hashes);
      await expectNothingLost(agent, canister, acknowledged, sent);
    }
    expect(acknowledged.size).toBeGreaterThan(KILLS);
  });

  test.each([
    ["torn off", (file: string, size: number) => truncateSync(file, Math.max(0, size - TAIL_BYTES))],
    ["zeroed", (file: string, size: number) => {
      const handle = openSync(file, "r+");
      const length = Math.min(size, TAIL_BYTES);
      writeSync(handle, new Uint8Array(length), 0, length, size - length);
      closeSync(handle);
    }],
  ])("and the last 64 KiB of the newest file %s", { timeout: 120_000 }, async (_how, damage) => {
    let { agent, effectiveCanisterId } = await live();
    const module = await assemble(readFileSync(new URL("../canisters/visits.wat", import.meta.url), "utf8"));
    const canister = await createAndInstall(agent, effectiveCanisterId, module);
    const acknowledged = new Set<number>(), sent = new Set<number>();
    for (let round = 0; round < 3; round++) {
      const stream = flood(agent, canister, sent.size);
      await after(200);
      const before = victim!.hashes;
      await victim!.kill();
      await stream.done;
      for (const id of stream.acknowledged) acknowledged.add(id);
      for (const id of stream.sent) sent.add(id);
      const files = readdirSync(stateDir, { recursive: true, encoding: "utf8" }).map((file) => join(stateDir, file)).filter((file) => statSync(file).isFile() && statSync(file).size > 0);
      const newest = files.sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0]!;
      damage(newest, statSync(newest).size);
      ({ agent } = await live());
      expectSameStates(before, victim!.hashes);
      await expectNothingLost(agent, canister, acknowledged, sent);
    }
  });
});
