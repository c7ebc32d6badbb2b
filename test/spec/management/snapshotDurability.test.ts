import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { candidFromPrincipal } from "../../../src/replica/codec/candid.ts";
import type { ReplicatedState } from "../../../src/replica/state/replicatedState.ts";
import { fullHash } from "../../../src/replica/stateManager/fullHash.ts";
import { openStore } from "../../../src/replica/stateManager/openStore.ts";
import { StateObjects } from "../../../src/replica/stateManager/stateObjects.ts";
import type { CanisterId } from "../../../src/replica/types/index.ts";
import { moduleText, replyWith } from "../../unit/replica/execution/testModule.ts";
import { collect } from "../../unit/replica/stateManager/collect.ts";
import { type TestSubnet, createTestSubnet } from "../../unit/replica/execution/testSubnet.ts";

let directory = "";
beforeEach(() => { directory = mkdtempSync(join(tmpdir(), "icx-snapshots-")); });
afterEach(() => { rmSync(directory, { recursive: true, force: true }); });

const KEEPER = moduleText({
  "update set": "(call $msg_arg_data_copy (i32.const 100000) (i32.const 0) (i32.const 1)) (call $msg_reply)", "query get": replyWith(100000, 1),
}, { pages: 4, prelude: "(global $g (mut i32) (i32.const 3))" });
const record = (id: CanisterId): { canister_id: unknown } => ({ canister_id: candidFromPrincipal(id) });
const take = (subnet: TestSubnet, id: CanisterId): { id: Uint8Array } =>
  subnet.manage("take_canister_snapshot", { ...record(id), replace_snapshot: [], uninstall_code: [], sender_canister_version: [] }) as { id: Uint8Array };
const load = (subnet: TestSubnet, id: CanisterId, snapshot_id: Uint8Array): unknown => subnet.manage("load_canister_snapshot", { ...record(id), snapshot_id, sender_canister_version: [] });
/** Writes a checkpoint and reads it back in another process's place. */
async function reopened(state: ReplicatedState): Promise<ReplicatedState> {
  const store = await openStore(directory);
  await store.checkpoint(state, undefined);
  await store.close();
  const again = await openStore(directory), result = again.load();
  await again.close();
  expect(result.ok).toBe(true);
  return (result as { value: { state: ReplicatedState } }).value.state;
}

test("§ Canister snapshots: they survive checkpoints, share pages on disk, and load after a restart", async () => {
  const subnet = createTestSubnet(), id = subnet.create();
  subnet.install(id, KEEPER);
  subnet.call(id, "set", Uint8Array.of(1));
  const first = take(subnet, id);
  subnet.call(id, "set", Uint8Array.of(2));
  subnet.state = await reopened(subnet.state);
  expect(subnet.query(id, "get")).toEqual({ ok: true, value: Uint8Array.of(2) });
  const second = take(subnet, id);
  subnet.call(id, "set", Uint8Array.of(3));
  subnet.state = await reopened(subnet.state);
  for (const [snapshot, value] of [[first, 1], [second, 2]] as const) {
    expect(load(subnet, id, snapshot.id)).toBeUndefined();
    expect(subnet.query(id, "get")).toEqual({ ok: true, value: Uint8Array.of(value) });
  }
});
test("the full hash covers what a snapshot holds, and equal states have equal hashes however they came about", async () => {
  const subnet = createTestSubnet(), id = subnet.create();
  subnet.install(id, KEEPER);
  take(subnet, id);
  const { state } = subnet, canister = state.canisters.get(id)!, snapshot = canister.snapshots![0]!;
  const other = { ...state, canisters: state.canisters.set(id, { ...canister, snapshots: [{ ...snapshot, heap: snapshot.heap.with([[0, new Uint8Array(4096).fill(1)]]) }] }) };
  expect(fullHash(other)).not.toEqual(fullHash(state));
  expect(new StateObjects().hash(await reopened(state))).toEqual(fullHash(state));
});
test("a checkpoint after a snapshot adds what the snapshot is, not the memory that it shares", () => {
  const subnet = createTestSubnet(), id = subnet.create(), objects = new StateObjects(), known = new Set<string>();
  subnet.install(id, KEEPER);
  subnet.call(id, "set", Uint8Array.of(1));
  const bytesOf = (): number => {
    const { objects: added } = collect(objects, subnet.state, (name) => known.has(name));
    for (const { name } of added) known.add(name);
    return added.reduce((sum, { make }) => sum + make().length, 0);
  };
  expect(bytesOf()).toBeGreaterThan(4096);
  take(subnet, id);
  expect(bytesOf()).toBeLessThan(16_000);
});
