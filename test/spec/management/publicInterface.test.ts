import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Actor, HttpAgent } from "@dfinity/agent";
import { IDL } from "@dfinity/candid";
import { Principal } from "@dfinity/principal";
import { afterEach, beforeEach, expect, test } from "vitest";
import { MANAGEMENT_TYPES, type ManagementMethodName } from "../../../src/replica/codec/candidManagement.ts";
import { counterModule } from "../../canisters/assemble.ts";
import { counterActor, createAndInstall } from "../../canisters/install.ts";
import { type Victim, startVictim } from "../../durability/victimProcess.ts";

let stateDir: string, victim: Victim | undefined;
beforeEach(() => { stateDir = mkdtempSync(join(tmpdir(), "icx-snapshot-kill-")); });
afterEach(async () => { await victim?.kill(); rmSync(stateDir, { recursive: true, force: true }); });

async function live(): Promise<{ readonly agent: HttpAgent; readonly effective: string }> {
  victim = startVictim(stateDir);
  const { url, rootKey, effectiveCanisterId } = await victim.serving;
  return { agent: HttpAgent.createSync({ host: url, rootKey: new Uint8Array(Buffer.from(rootKey, "hex")), verifyQuerySignatures: false, retryTimes: 0 }), effective: effectiveCanisterId };
}
/** A management call by an agent through HTTP: the decoded answer. */
async function manage(agent: HttpAgent, canister: Principal, method: ManagementMethodName, args: Record<string, unknown>): Promise<unknown> {
  const types: { readonly args: readonly IDL.Type[]; readonly results: readonly IDL.Type[] } = MANAGEMENT_TYPES[method], options = { agent, canisterId: Principal.managementCanister(), effectiveCanisterId: canister };
  const actor = Actor.createActor<Record<string, (args: unknown) => Promise<unknown>>>(() => IDL.Service({ [method]: IDL.Func(types.args as Parameters<typeof IDL.Func>[0], types.results as Parameters<typeof IDL.Func>[1], []) }), options);
  return await actor[method]!({ canister_id: canister, ...args });
}

test("§ Canister snapshots, through HTTP: taken, the process killed with -9, loaded by the next one", async () => {
  const first = await live(), canister = await createAndInstall(first.agent, first.effective, await counterModule());
  await counterActor(first.agent, canister).increment(5n);
  const taken = await manage(first.agent, canister, "take_canister_snapshot", { replace_snapshot: [], uninstall_code: [], sender_canister_version: [] }) as { id: Uint8Array; total_size: bigint };
  await counterActor(first.agent, canister).increment(2n);
  await victim!.kill();

  const second = await live(), counter = counterActor(second.agent, canister);
  expect(await counter.get()).toBe(7n);
  expect(await manage(second.agent, canister, "list_canister_snapshots", {})).toEqual([expect.objectContaining({ id: taken.id, total_size: taken.total_size })]);
  expect(await manage(second.agent, canister, "load_canister_snapshot", { snapshot_id: taken.id, sender_canister_version: [] })).toBeUndefined();
  expect(await counter.get()).toBe(5n);
  expect(await manage(second.agent, canister, "canister_metrics", {})).toMatchObject({ cycles_consumed: { instructions: expect.any(BigInt) } });
}, 60_000);
