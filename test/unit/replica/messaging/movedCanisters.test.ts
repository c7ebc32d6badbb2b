import { expect, test } from "vitest";
import type { NetworkTopology } from "../../../../src/replica/state/replicatedState.ts";
import { type CanisterId, canisterIdFromIndex, subnetId } from "../../../../src/replica/types/index.ts";
import { candidPrincipal, createTestSubnet } from "../execution/testSubnet.ts";

const other = subnetId(Uint8Array.from([9, 9])), there = canisterIdFromIndex(0x20000n);
/** A subnet that learns of a move with the next round. */
function moving(): { readonly subnet: ReturnType<typeof createTestSubnet>; readonly learn: (change: Pick<NetworkTopology, "migrations"> & Partial<NetworkTopology>) => void; readonly manage: (method: "start_canister" | "stop_canister" | "canister_status" | "delete_canister", id: CanisterId) => unknown } {
  const subnet = createTestSubnet({ remote: { id: other, start: there, end: canisterIdFromIndex(0x2ffffn) } });
  return { subnet, learn: (change) => { Object.assign(subnet.state.topology, change); subnet.round(); }, manage: (method, id) => subnet.manage(method, { canister_id: candidPrincipal(id) }) };
}

test("a canister that holds the state of another one takes its id when the table says so; nobody controls it meanwhile", () => {
  const { subnet, learn, manage } = moving(), place = subnet.create(), own = subnet.state.subnetId, move = { start: there, end: there, trace: [other, own], replaces: { canister: place, version: 41n, changes: 7n } };
  manage("stop_canister", place);
  learn({ migrations: [move] });
  for (const method of ["start_canister", "delete_canister"] as const) expect(manage(method, place)).toMatchObject({ code: "IC0512" });
  expect(manage("canister_status", place)).toMatchObject({ ready_for_migration: true });
  expect([subnet.state.canisters.has(place), subnet.state.canisters.has(there)]).toEqual([true, false]);
  const before = subnet.state.canisters.get(place)!.system;
  learn({ migrations: [move], routingTable: [...subnet.state.topology.routingTable.filter((range) => range.subnet === own), { start: there, end: there, subnet: own }] });
  expect([subnet.state.canisters.has(place), [...subnet.state.due.values()].includes(place)]).toEqual([false, false]);
  const { id, system } = subnet.state.canisters.get(there)!;
  expect([id, system.version, system.historyTotal, system.balance]).toEqual([there, 42n, 8n, before.balance]);
  expect(system.history.at(-1)).toMatchObject({ details: { kind: "rename", from: place, to: there } });
  expect(manage("start_canister", there)).toBeUndefined(); // it is the canister now, though the trace is still there
});

test("a stopped canister whose id another one took is gone; one that moves with its subnet's half, or runs, is not", () => {
  const { subnet, learn, manage } = moving(), [gone, half, runs] = [subnet.create(), subnet.create(), subnet.create()], own = subnet.state.subnetId, { routingTable } = subnet.state.topology;
  for (const id of [gone, half]) manage("stop_canister", id);
  const trace = [own, other], replaces = { canister: there, version: 1n, changes: 1n }, [first] = routingTable;
  const migrations = [{ start: gone, end: gone, trace, replaces }, { start: half, end: half, trace }, { start: runs, end: runs, trace, replaces }];
  learn({ migrations });
  expect(manage("start_canister", gone)).toMatchObject({ code: "IC0512" });
  expect(manage("start_canister", half)).toBeUndefined();
  manage("stop_canister", half);
  learn({ migrations, routingTable: [{ start: gone, end: runs, subnet: other }, { ...first!, start: canisterIdFromIndex(0x20n) }] });
  expect([gone, half, runs].map((id) => subnet.state.canisters.has(id))).toEqual([false, true, true]);
});
