import { describe, expect, test } from "vitest";
import { buildStateTree } from "../../../../src/replica/certification/stateTree.ts";
import { lookup, reconstruct } from "../../../../src/replica/hashTree/lookup.ts";
import type { StateManager } from "../../../../src/replica/interfaces/stateManager.ts";
import { fullHash } from "../../../../src/replica/stateManager/fullHash.ts";
import { createStateManager } from "../../../../src/replica/stateManager/stateManager.ts";
import { type Hash, height, time } from "../../../../src/replica/types/index.ts";
import { sampleState } from "../certification/sampleState.ts";
import { nextState, seeded } from "./randomRounds.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const create = (initial = sampleState()): StateManager => createStateManager({ initial, buildTree: buildStateTree, hashState: fullHash });
const round = (manager: StateManager): Hash<"StateRoot"> => manager.commitAndCertify(nextState(manager.latest(), seeded(`manager ${manager.latest().height}`)));
const certify = (manager: StateManager, at: number, hash = manager.hashesToCertify().find((one) => one.height === at)!.hash): ReturnType<StateManager["deliverCertification"]> =>
  manager.deliverCertification({ height: height(at), hash, signature: new Uint8Array(48) });

describe("state manager", () => {
  test("each root commits to the one before it", () => {
    const manager = create(), first = round(manager), second = round(manager);
    expect(manager.latest().height).toBe(2);
    expect(manager.latest().prevStateHash).toEqual(first);
    expect(manager.hashesToCertify()).toEqual([{ height: 1, hash: first }, { height: 2, hash: second }]);
  });

  test("only certified state is read, the newest of it, and the witness has the certified root", () => {
    const manager = create();
    round(manager);
    expect(manager.latestCertified()).toBeUndefined();
    expect(manager.readCertified([])).toBeUndefined();
    certify(manager, 1);
    round(manager);
    const read = manager.readCertified([[utf8("metadata"), utf8("height")], [utf8("nothing")]])!;
    expect(read.certification.height).toBe(1);
    expect(reconstruct(read.witness)).toEqual(read.certification.hash);
    expect(lookup([utf8("metadata"), utf8("height")], read.witness)).toEqual({ kind: "found", value: Uint8Array.of(1) });
    expect(lookup([utf8("nothing")], read.witness)).toEqual({ kind: "absent" });
    expect(lookup([utf8("time")], read.witness).kind).toBe("found");
  });

  test("another version of the newest state keeps what the subnet signed if it has the same tree, and only then", () => {
    const manager = create();
    round(manager);
    certify(manager, 1);
    const again = { ...manager.latest() };
    manager.adopt(again);
    expect(manager.latestCertified()?.state).toBe(again);
    manager.adopt({ ...again, time: time(again.time + 1n) });
    expect(manager.latestCertified()).toBeUndefined();
  });

  test("certifications may come late and out of order; old versions go when they are not needed", () => {
    const manager = create();
    for (let i = 0; i < 5; i++) round(manager);
    expect(certify(manager, 3).ok).toBe(true);
    expect([1, 2, 3, 4].map((at) => manager.at(height(at))?.height)).toEqual([undefined, undefined, 3, 4]);
    expect(manager.hashesToCertify().map((one) => one.height)).toEqual([4, 5]);
    expect(certify(manager, 2, new Uint8Array(32) as Hash<"StateRoot">).ok).toBe(true);
    expect(manager.latestCertified()?.state.height).toBe(3);
    expect(certify(manager, 9, new Uint8Array(32) as Hash<"StateRoot">)).toEqual({ ok: false, error: { kind: "unknownHeight" } });
  });

  test("what is kept for a query or a checkpoint stays until it is let go", () => {
    const manager = create();
    round(manager);
    manager.keepFrom(height(1));
    round(manager);
    round(manager);
    certify(manager, 3);
    expect(manager.at(height(1))?.height).toBe(1);
    manager.keepFrom(height(3));
    expect(manager.at(height(2))).toBeUndefined();
  });

  test("another root than the subnet's is a divergence, and is not taken", () => {
    const manager = create(), own = round(manager);
    expect(certify(manager, 1, new Uint8Array(32).fill(1) as Hash<"StateRoot">)).toEqual({ ok: false, error: { kind: "diverged", own } });
    expect(manager.latestCertified()).toBeUndefined();
  });

  test("heights follow each other", () => {
    const manager = create();
    expect(() => manager.commitAndCertify({ ...manager.latest(), height: height(2) })).toThrow("follows");
  });

  test("going on from a version that came back gives the same roots and hashes", () => {
    const manager = create();
    for (let i = 0; i < 3; i++) round(manager);
    const again = create(manager.latest());
    for (let i = 0; i < 3; i++) {
      expect(round(again)).toEqual(round(manager));
      expect(again.fullHash(again.latest().height)).toEqual(manager.fullHash(manager.latest().height));
    }
  });
});
