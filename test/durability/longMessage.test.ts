import { HttpAgent, polling } from "@dfinity/agent";
import type { Principal } from "@dfinity/principal";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { assemble } from "../canisters/assemble.ts";
import { createAndInstall } from "../canisters/install.ts";
import { type Victim, startVictim } from "./victimProcess.ts";

/** About 1.5 G instructions: eight slices of a local network. */
const TURNS = 190_000_000;
const SLOW = `(module (import "ic0" "msg_reply" (func $reply)) (import "ic0" "msg_reply_data_append" (func $append (param i32 i32))) (memory 1)
  (func (export "canister_update slow") (local $i i32) (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1)))
    (loop $again (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const ${TURNS}))))
    (call $append (i32.const 0) (i32.const 4)) (call $reply))
  (func (export "canister_query look") (call $append (i32.const 0) (i32.const 4)) (call $reply))
  (func (export "canister_update step") (call $reply)))`;

let stateDir: string, victim: Victim | undefined;
beforeEach(() => { stateDir = mkdtempSync(join(tmpdir(), "icx-long-")); });
afterEach(async () => { await victim?.kill(); rmSync(stateDir, { recursive: true, force: true }); });

async function live(): Promise<{ readonly agent: HttpAgent; readonly effectiveCanisterId: string }> {
  victim = startVictim(stateDir);
  const { url, rootKey, effectiveCanisterId } = await victim.serving;
  return { agent: HttpAgent.createSync({ host: url, rootKey: new Uint8Array(Buffer.from(rootKey, "hex")), verifyQuerySignatures: false, retryTimes: 0 }), effectiveCanisterId };
}
const step = (agent: HttpAgent, canister: Principal): Promise<unknown> => agent.call(canister, { methodName: "step", arg: new Uint8Array(0), callSync: true });

test("a kill in the middle of a long message: the next life runs it again, to the same states and the same answer", { timeout: 120_000 }, async () => {
  let { agent, effectiveCanisterId } = await live();
  const module = await assemble(SLOW, "slow.wat"), slow = await createAndInstall(agent, effectiveCanisterId, module), other = await createAndInstall(agent, effectiveCanisterId, module);
  const { requestId } = await agent.call(slow, { methodName: "slow", arg: new Uint8Array(0), callSync: false });
  for (let i = 0; i < 3; i++) await step(agent, other); // each comes with a round, and so with a slice
  const before = victim!.hashes, seen = await agent.query(slow, { methodName: "look", arg: new Uint8Array(0) });
  expect(seen.status === "replied" && [...seen.reply.arg]).toEqual([0, 0, 0, 0]); // it has not ended
  await victim!.kill();
  ({ agent } = await live());
  const { reply } = await polling.pollForResponse(agent, slow, requestId, { blsVerify: () => Promise.resolve(true) });
  expect([...new Uint8Array(reply)]).toEqual([1, 0, 0, 0]);
  const after = victim!.hashes, common = [...before.keys()].filter((height) => after.has(height));
  expect(common.length).toBeGreaterThan(3);
  for (const height of common) expect([height, after.get(height)]).toEqual([height, before.get(height)]);
});
