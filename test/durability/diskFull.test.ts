import { HttpAgent } from "@dfinity/agent";
import type { Principal } from "@dfinity/principal";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { assemble } from "../canisters/assemble.ts";
import { createAndInstall } from "../canisters/install.ts";
import { type Victim, startVictim } from "./victimProcess.ts";

let stateDir: string, victim: Victim | undefined;
beforeEach(() => { stateDir = mkdtempSync(join(tmpdir(), "icx-full-")); });
afterEach(async () => { await victim?.kill(); rmSync(stateDir, { recursive: true, force: true }); });

const number = (value: number): Uint8Array => { const bytes = new Uint8Array(4); new DataView(bytes.buffer).setUint32(0, value, true); return bytes; };
async function live(limits?: string): Promise<{ readonly agent: HttpAgent; readonly effectiveCanisterId: string }> {
  victim = startVictim(stateDir, limits);
  const { url, rootKey, effectiveCanisterId } = await victim.serving;
  return { agent: HttpAgent.createSync({ host: url, rootKey: new Uint8Array(Buffer.from(rootKey, "hex")), verifyQuerySignatures: false, retryTimes: 0 }), effectiveCanisterId };
}
const visit = async (agent: HttpAgent, canister: Principal, id: number): Promise<number> => {
  const { response } = await agent.call(canister, { methodName: "visit", arg: number(id), callSync: true });
  return response.status;
};
async function visits(agent: HttpAgent, canister: Principal): Promise<readonly number[]> {
  const answer = await agent.query(canister, { methodName: "visits", arg: new Uint8Array() });
  if (answer.status !== "replied") throw new TypeError(answer.reject_message);
  return [...answer.reply.arg.entries()].filter(([, count]) => count > 0).map(([id]) => id);
}

// No file may grow beyond the limit: writing fails in the middle of a record, as on a full disk.
test.skipIf(process.platform === "win32")("when the disk fills up updates are refused, queries go on, a warning says what to do; with space again nothing acknowledged is missing", { timeout: 120_000 }, async () => {
  const { agent, effectiveCanisterId } = await live("ulimit -f 300");
  const canister = await createAndInstall(agent, effectiveCanisterId, await assemble(readFileSync(new URL("../canisters/visits.wat", import.meta.url), "utf8")));
  const acknowledged: number[] = [];
  let full = false, sent = 0;
  void victim!.halted.then(() => { full = true; });
  const caller = async (): Promise<void> => {
    while (!full && sent < 16_384) {
      const id = sent++;
      if (await visit(agent, canister, id).catch(() => 0) === 200) acknowledged.push(id);
    }
  };
  const callers = [1, 2, 3, 4].map(caller);
  expect(await victim!.halted).toMatch(/stopped at height \d+: updates are refused, queries go on\. There is no space left in .*Nothing acknowledged is lost: make space, stop the network and start it again\.$/);
  const seen = await visits(agent, canister);
  await Promise.all(callers);
  expect(acknowledged.length).toBeGreaterThan(10);
  expect(acknowledged.filter((id) => !seen.includes(id))).toEqual([]);
  await expect(visit(agent, canister, sent)).rejects.toThrow(/503|CertifiedStateBehind/);
  expect(await visits(agent, canister)).toEqual(seen);
  const [code] = await victim!.stop();
  expect(code).toBe(1); // it could not write its last checkpoint, and said so

  const again = await live();
  const after = await visits(again.agent, canister);
  expect(acknowledged.filter((id) => !after.includes(id))).toEqual([]);
  expect(after.filter((id) => id >= sent)).toEqual([]);
  expect(await visit(again.agent, canister, sent)).toBe(200);
  expect(victim!.warnings.filter((text) => !text.startsWith("Restored"))).toEqual([]);
});
