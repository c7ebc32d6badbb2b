import { describe, expect, test } from "vitest";
import { generateSubnetKeys } from "../../../../src/replica/crypto/generateKeys.ts";
import { createVerifier } from "../../../../src/replica/crypto/verifier.ts";
import { loadFastBls } from "../../../../src/replica/crypto/fastBls.ts";
import { blockMaker } from "../../../../src/replica/consensus/blockMaker.ts";
import type { Duty } from "../../../../src/replica/consensus/duty.ts";
import { shareAggregator } from "../../../../src/replica/consensus/shareAggregator.ts";
import { derOfBlsKey } from "../../../../src/replica/crypto/der.ts";
import { nobleBls } from "../../../../src/replica/crypto/nobleBls.ts";
import { separated } from "../../../../src/replica/crypto/domain.ts";
import type { Bls } from "../../../../src/replica/interfaces/crypto.ts";
import type { Consensus, ConsensusParams } from "../../../../src/replica/interfaces/consensus.ts";
import { createSeededRng } from "../../../../src/replica/runtime/seededRng.ts";
import { createSimulatedRuntime } from "../../../../src/replica/runtime/simulated.ts";
import { height, hexFromBytes, time } from "../../../../src/replica/types/index.ts";
import { linearBls } from "../../../sim/linearBls.ts";
import { createSimulatedNode } from "./loneNode.ts";

const ms = (value: number) => time(BigInt(Math.round(value * 1_000_000)));
const PARAMS: ConsensusParams = { unitDelay: ms(1000), initialNotaryDelay: ms(0), idleBlockInterval: ms(1000), dkgIntervalLength: 499, dkgIntervalTime: ms(60_000) };

function oneNode(options: { bls?: Bls; params?: Partial<ConsensusParams>; duties?: readonly Duty[] } = {}) {
  const runtime = createSimulatedRuntime("one node"), genesisTime = runtime.clock.now();
  const bls = options.bls ?? linearBls, verifier = createVerifier(bls), keys = generateSubnetKeys(bls, createSeededRng(Buffer.from("keys")), 1);
  /** There is work until the state has reached this height. */
  const wanted = { height: 0 };
  const make = () => {
    const node = createSimulatedNode({ keys, store: keys.stores[0]!, index: 0, verifier, clock: runtime.clock, params: { ...PARAMS, ...options.params }, genesisTime, hasWork: () => node.state.height < wanted.height, ...(options.duties && { duties: options.duties }) });
    return node;
  };
  const settle = (consensus: Consensus): void => { while (consensus.step()); };
  return { runtime, verifier, keys, wanted, make, settle, node: make() };
}

describe("one node, threshold one (design D7)", () => {
  test("a block is final, delivered and certified in one call as soon as there is work, without time passing", () => {
    const { node, wanted, settle } = oneNode();
    settle(node.consensus);
    expect(node.state.height).toBe(0);
    for (let i = 1; i <= 5; i++) {
      wanted.height = i;
      expect(node.consensus.advance()).toBe(true);
      expect([node.state.height, node.consensus.heights.finalized, node.consensus.heights.certified]).toEqual([i, i, i]);
      expect(node.consensus.advance()).toBe(false);
      node.consensus.prepare();
    }
  });

  test("an idle subnet makes a block each idle interval, and says when", () => {
    const { node, runtime, settle } = oneNode();
    settle(node.consensus);
    for (let i = 1; i <= 3; i++) {
      const due = node.consensus.nextDeadline!;
      runtime.advanceTo(time(due - 1n));
      settle(node.consensus);
      expect(node.state.height).toBe(i - 1);
      runtime.advanceTo(due);
      settle(node.consensus);
      expect(node.state.height).toBe(i);
    }
    expect(node.state.batches.map((batch, i) => batch.time - (node.state.batches[i - 1]?.time ?? batch.time))).toEqual([0n, 1_000_000_000n, 1_000_000_000n]);
  });

  test("a duty that had nothing to do is asked again when something changed or time went on, not before; what it waits for is not forgotten", () => {
    const asked: string[] = [], counted = (duty: Duty): Duty => ({ name: duty.name, onStateChange(pool, context) { asked.push(duty.name); return duty.onStateChange(pool, context); } });
    const { node, runtime, wanted, settle } = oneNode({ duties: [shareAggregator, blockMaker].map(counted) });
    wanted.height = 1;
    settle(node.consensus);
    const due = node.consensus.nextDeadline!;
    asked.length = 0;
    expect(node.consensus.advance()).toBe(false);
    expect([asked, node.consensus.nextDeadline]).toEqual([["shareAggregator", "blockMaker"], due]); // it stands in two lists
    runtime.advanceTo(due);
    asked.length = 0;
    expect(node.consensus.advance()).toBe(true);
    expect([node.state.height, node.consensus.heights.certified]).toEqual([2, 2]);
    expect(asked.filter((name) => name === "blockMaker").length).toBeGreaterThan(1);
    expect(node.consensus.nextDeadline).toBe(time(due + PARAMS.idleBlockInterval));
  });

  test("block time is strictly increasing though the clock stands still, and never behind the clock", () => {
    const { node, runtime, wanted, settle } = oneNode();
    wanted.height = 4;
    settle(node.consensus);
    const times = node.state.batches.map((batch) => batch.time), now = runtime.clock.now();
    expect(times).toEqual([now + 1n, now + 2n, now + 3n, now + 4n].map(time));
    runtime.advanceTo(time(now + 50n));
    wanted.height = 5;
    settle(node.consensus);
    expect(node.state.batches[4]!.time).toBe(now + 50n);
  });

  test("the certification verifies with the reference implementation under the subnet's key", async () => {
    const { node, keys, wanted, settle, verifier } = oneNode({ bls: await loadFastBls() });
    wanted.height = 1;
    settle(node.consensus);
    const [certification] = node.state.certified, key = keys.transcripts.high.publicCoefficients[0]!;
    expect(nobleBls.verify(key, separated("ic-state-root", certification!.hash), certification!.signature)).toBe(true);
    expect(derOfBlsKey(key).length).toBe(133);
    expect(verifier.counters.checked).toBe(0);
  });
});

describe("intervals", () => {
  test("a summary needs the heights and the time; its height becomes a catch-up package; transcripts are carried on", () => {
    const { node, wanted, runtime, settle } = oneNode({ params: { dkgIntervalLength: 4, dkgIntervalTime: ms(100) } });
    wanted.height = 9;
    const genesis = node.consensus.pool.finalized(height(0))!.block.payload;
    settle(node.consensus);
    expect(node.state.batches.some((batch) => batch.requiresCheckpoint)).toBe(false);
    runtime.advanceTo(time(runtime.clock.now() + 100_000_000n));
    wanted.height = 82;
    settle(node.consensus);
    // Block 10 has the first late time: 70 heights above it, where it is final for everybody who may sign, the summary comes.
    expect(node.state.batches.filter((batch) => batch.requiresCheckpoint).map((batch) => batch.height)).toEqual([80]);
    expect(node.consensus.heights.catchUp).toBe(80);
    const summary = node.consensus.pool.finalized(height(80))!.block;
    expect(summary.payload.kind === "summary" && genesis.kind === "summary" && summary.payload.dkg.currentTranscripts).toEqual(genesis.kind === "summary" && genesis.dkg.currentTranscripts);
    expect(node.consensus.pool.finalized(height(81))!.block.intervalStart).toBe(80);
  });

  test("pools stay bounded over many intervals", () => {
    const { node, wanted, settle } = oneNode({ params: { dkgIntervalLength: 4, dkgIntervalTime: ms(0) } });
    wanted.height = 150;
    settle(node.consensus);
    expect(node.consensus.offer().length).toBeLessThan(7 * 70);
    expect(node.consensus.pool.finalized(height(10))).toBeUndefined();
  });
});

describe("a restart from the journal", () => {
  const journalOf = (consensus: Consensus, from: number) => Array.from({ length: consensus.heights.finalized - from + 2 }, (_, i) => consensus.poolAt(height(from + i))).flat().map(({ bytes }) => bytes);

  test("replays the same batches from genesis and goes on", () => {
    const { node, make, wanted, settle } = oneNode();
    wanted.height = 6;
    settle(node.consensus);
    const again = make(), journal = journalOf(node.consensus, 0);
    expect(again.consensus.restore(journal)).toBe(journal.length);
    settle(again.consensus);
    expect(again.state.batches).toEqual(node.state.batches);
    expect(again.consensus.heights.certified).toBe(6);
    wanted.height = 8;
    settle(again.consensus);
    expect([again.state.height, again.consensus.heights.certified]).toEqual([8, 8]);
  });

  test("needs nothing below the last catch-up package", () => {
    const { node, make, wanted, settle } = oneNode({ params: { dkgIntervalLength: 4, dkgIntervalTime: ms(0) } });
    wanted.height = 13;
    settle(node.consensus);
    const from = node.consensus.heights.catchUp, again = make();
    expect(from).toBe(10);
    for (const { batch, block } of node.state.batches.map((batch, i) => ({ batch, block: node.state.blocks[i]! })).slice(0, from)) again.state.deliver(batch, block);
    again.consensus.restore(journalOf(node.consensus, from));
    settle(again.consensus);
    expect(again.state.rootAt(13)).toBe(node.state.rootAt(13));
    wanted.height = 17;
    settle(again.consensus);
    expect([again.state.height, again.consensus.heights.catchUp]).toEqual([17, 15]);
  });

  test("a node never signs a second block of a height that it had signed before", () => {
    const { node, make, wanted } = oneNode();
    wanted.height = 1;
    node.consensus.advance();
    const signed = node.consensus.outgoing().filter(({ kind }) => kind === "blockProposal" || kind === "notarizationShare" || kind === "finalizationShare");
    const again = make();
    again.consensus.restore(signed.slice(0, 1).map(({ bytes }) => bytes));
    again.consensus.advance();
    const later = again.consensus.outgoing().filter(({ kind }) => kind === "blockProposal");
    expect(later).toEqual([]);
    expect(again.consensus.pool.finalized(height(1))?.id).toBe(signed[0]!.id);
  });
});

describe("what comes from outside", () => {
  test("garbage, heights far ahead and floods are refused, and the node goes on", () => {
    const { node, wanted, settle, keys } = oneNode();
    const other = oneNode({ params: { dkgIntervalLength: 3 } }), sender = other.keys.members[0]!.nodeId;
    other.wanted.height = 30;
    other.settle(other.node.consensus);
    expect(node.consensus.receive(Uint8Array.of(1, 2, 3), sender)).toBe(false);
    const far = other.node.consensus.offer().map(({ bytes }) => bytes);
    for (const bytes of far) node.consensus.receive(bytes, sender);
    wanted.height = 3;
    settle(node.consensus);
    expect(node.state.height).toBeGreaterThanOrEqual(3);
    expect(hexFromBytes(keys.members[0]!.publicKey)).toBe(hexFromBytes(other.keys.members[0]!.publicKey));
  });
});
