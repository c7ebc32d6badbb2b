import { expect, test } from "vitest";
import { candidFromPrincipal, decodeCandid, encodeCandid } from "../../src/replica/codec/candid.ts";
import { MANAGEMENT_TYPES, type ManagementMethodName } from "../../src/replica/codec/candidManagement.ts";
import type { RunningSubnet } from "../../src/replica/runningSubnet.ts";
import { type CanisterId, MANAGEMENT_CANISTER_ID, principalToText } from "../../src/replica/types/index.ts";
import { application, checkCalls, homeOf, latest, startCallers, untilQuiet } from "./movingStorm.ts";
import { accountOf, runOf, setupOf, startStorm, statsOf } from "./storm.ts";

const WEATHER = { lossPerMille: 100, repeatPerMille: 100, forgedPerMille: 200, delayMaxMs: 40 };

test("a stopped canister moves to where another one holds its state: same id, same peers, and calls of others meanwhile have their answers", async () => {
  const storm = await startStorm("migrate", 2, WEATHER), [a, b] = storm.applications as [RunningSubnet, RunningSubnet], { network } = storm.open;
  await using _network = network;
  const manage = async (home: RunningSubnet, id: CanisterId, method: ManagementMethodName, args: object = {}): Promise<unknown> => {
    const types = MANAGEMENT_TYPES[method], answer = decodeCandid(types.results, await storm.call(home, MANAGEMENT_CANISTER_ID, method, encodeCandid(types.args, [{ canister_id: candidFromPrincipal(id), sender_canister_version: [], ...args }]), id));
    return answer.ok ? answer.value[0] : expect.fail(answer.error);
  };
  const migrate = async (canister: CanisterId, replaces: CanisterId): Promise<unknown> => {
    let ended = false, failure: unknown;
    network.migrateCanister({ canister: principalToText(canister), replaces: principalToText(replaces) }).then(() => { ended = true; }, (error: unknown) => { ended = true; failure = error; });
    await storm.until(() => ended, 1_000);
    return failure;
  };
  const { callers, account } = await startCallers(storm, [a, a, b], { calls: 16, atOnce: 8, seconds: 120 }), [moving, neighbour, far] = callers.map(({ id }) => id) as [CanisterId, CanisterId, CanisterId];
  await untilQuiet(storm, callers);
  checkCalls(storm, callers, account);

  // Another canister of the other subnet has its module.
  const place = await storm.install(b, (storm.open.subnets[1]!.serving.node.stateManager.latest().canisters.get(moving)!.execution!.module));
  expect(await migrate(moving, place)).toMatchObject({ message: expect.stringContaining("is not stopped") as unknown });
  for (const [home, id] of [[a, moving], [b, place]] as const) await manage(home, id, "stop_canister");
  expect(await migrate(moving, neighbour)).toMatchObject({ message: expect.stringContaining("same subnet") as unknown });
  const before = latest(storm)[1]!.canisters.get(moving)!.system, old = accountOf(application(storm)), burned = before.balance;
  for (const id of [neighbour, far]) await storm.call(homeOf(storm, id), id, "run", runOf(60, 4)); // to each peer, those of before among them: the one that moves too
  expect(await migrate(moving, place)).toBeUndefined();
  expect([homeOf(storm, moving), application(storm).map(({ canisters }) => canisters.has(place))]).toEqual([b, [false, false]]);
  const { system } = latest(storm)[2]!.canisters.get(moving)!;
  expect(system.history.at(-1)).toMatchObject({ details: { kind: "rename", from: place, to: moving, version: before.version, changes: before.historyTotal } });
  expect([system.version > before.version, system.historyTotal]).toEqual([true, before.historyTotal + 1n]);
  // While it moves nobody controls it; then it takes calls from everywhere again, and makes some.
  await storm.until(() => latest(storm).every(({ topology }) => topology.migrations === undefined), 1_000);
  await manage(b, moving, "start_canister");
  await storm.call(b, moving, "setup", setupOf([neighbour, far]));
  await storm.call(b, moving, "run", runOf(60, 4));
  await untilQuiet(storm, [moving, neighbour, far].map((id) => ({ id, seconds: 0, calls: 120 })));
  // What it counts begins anew, for the memory that takes its place is a fresh one here: others see its first number once more.
  for (const id of [moving, neighbour, far]) expect(statsOf(homeOf(storm, id), id)).toMatchObject({ behind: id === moving ? 0 : 1, unmade: 0n, unknown: 0n });
  expect(statsOf(b, moving).replies).toBeGreaterThan(100n);
  // The cycles that were left at the old place are gone, and nothing else (X7).
  expect(accountOf(application(storm))).toBe(old - burned - Object.values(before.consumed ?? {}).reduce((sum, one) => sum + one, 0n));
});
