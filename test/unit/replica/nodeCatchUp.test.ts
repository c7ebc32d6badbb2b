import { expect, test } from "vitest";
import { type CatchUp, type CatchUpOptions, createCatchUp } from "../../../src/replica/nodeCatchUp.ts";
import type { ReplicatedState } from "../../../src/replica/state/replicatedState.ts";
import { height, time } from "../../../src/replica/types/index.ts";
import { largeState } from "./stateManager/manifest/wholeState.ts";

const at = (state: ReplicatedState, of: number): ReplicatedState => ({ ...state, height: height(of) });
/** A node whose subnet comes to no catch-up package but those that `newest` names. */
function hashing(state: ReplicatedState, newest: CatchUpOptions["newest"] = () => undefined): CatchUp {
  return createCatchUp({
    subnetId: state.subnetId, clock: { now: () => time(0n) }, store: { chunks: () => [], putChunk() {}, dropChunks() {} }, stateManager: { latest: () => state, adopt() {} },
    shared: { same: ({ state: own }: { state: ReplicatedState }) => own }, peers: () => [], send() {}, newest, offer: () => [], diverged: undefined,
    onDiverged() {}, onDifference() {}, onSynced() {}, onFailure() {},
  } as unknown as CatchUpOptions); // what hashing has to do with
}

test("the root of a state that is being hashed comes, however many summaries follow meanwhile; then that of the newest, and of none between", () => {
  // 16 MiB: as many turns at least.
  const node = hashing(largeState(4096)), roots = (): readonly boolean[] => [10, 20, 30].map((of) => node.rootAt(height(of)) !== undefined);
  node.executed(at(largeState(4096), 10));
  expect([node.isHashing, roots()]).toEqual([true, [false, false, false]]);
  for (let turn = 0; turn < 40 && !roots()[0]!; turn++) {
    if (turn === 2) node.executed(at(largeState(4096), 20));
    if (turn === 4) node.executed(at(largeState(4096), 30));
    expect(node.advance()).toBe(true);
  }
  expect([node.isHashing, roots()]).toEqual([true, [true, false, false]]);
  while (node.isHashing) node.advance();
  expect(roots()).toEqual([true, false, true]);
});

test("a state below a catch-up package is not hashed to its end", () => {
  let target: ReturnType<CatchUpOptions["newest"]>;
  const node = hashing(at(largeState(1024), 30), () => target);
  node.executed(at(largeState(1024), 10));
  node.executed(at(largeState(1024), 30));
  target = { height: height(20), root: new Uint8Array(32) as NonNullable<typeof target>["root"] };
  node.advance();
  while (node.isHashing) node.advance();
  expect([10, 30].map((of) => node.rootAt(height(of)) !== undefined)).toEqual([false, true]);
});
