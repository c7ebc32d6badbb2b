import { describe, expect, test } from "vitest";
import { generateSubnetKeys } from "../../../../src/replica/crypto/generateKeys.ts";
import { createVerifier } from "../../../../src/replica/crypto/verifier.ts";
import { loadFastBls } from "../../../../src/replica/crypto/fastBls.ts";
import { createSeededRng } from "../../../../src/replica/runtime/seededRng.ts";
import { createSimulatedRuntime } from "../../../../src/replica/runtime/simulated.ts";
import { time } from "../../../../src/replica/types/index.ts";
import { linearBls } from "../../../sim/linearBls.ts";
import { createSimulatedNode } from "../../../sim/simulatedNode.ts";

const ms = (value: number) => time(BigInt(value) * 1_000_000n);
const PARAMS = { unitDelay: ms(1000), initialNotaryDelay: ms(0), idleBlockInterval: ms(1000), dkgIntervalLength: 499, dkgIntervalTime: ms(60_000) };

function oneNode(options: { bls?: typeof linearBls; work?: { now: boolean }; params?: Partial<typeof PARAMS> } = {}) {
  const runtime = createSimulatedRuntime("one node");
  const bls = options.bls ?? linearBls, verifier = createVerifier(bls);
  const keys = generateSubnetKeys(bls, createSeededRng(Buffer.from("keys")), 1);
  const work = options.work ?? { now: true };
  const node = createSimulatedNode({
    keys, store: keys.stores[0]!, index: 0, verifier, clock: runtime.clock, params: { ...PARAMS, ...options.params }, genesisTime: runtime.clock.now(), hasWork: () => work.now,
  });
  return { runtime, node, work, keys, verifier };
}

describe("one node, threshold one", () => {
  test("a block is final, delivered and certified as soon as there is work, without time passing", () => {
    const { node, work } = oneNode({ work: { now: false } });
    node.consensus.step();
    expect(node.state.height).toBe(0);
    work.now = true;
    const before = node.consensus.heights.finalized;
    for (let i = 0; i < 3 && node.state.height === 0; i++) { node.consensus.advance(); work.now = node.state.height === 0; }
    expect(before).toBe(0);
    expect(node.state.batches.map((batch) => batch.height)).toEqual([1]);
    expect(node.consensus.heights.certified).toBe(1);
  });
});
