import { beforeAll, describe, expect, test } from "vitest";
import { createCommittees, isBeyond, nextTranscripts } from "../../../../src/replica/consensus/intervals.ts";
import type { Block, ConsensusParams, DkgSummary, PoolReader } from "../../../../src/replica/interfaces/consensus.ts";
import { type Height, height, registryVersion, time } from "../../../../src/replica/types/index.ts";
import { type EvolvingSubnet, createEvolvingSubnet } from "../../../agreement/evolvingSubnet.ts";
import { linearBls } from "../../../sim/linearBls.ts";

const params = (dkgIntervalLength: number, ms: number): ConsensusParams =>
  ({ unitDelay: time(1n), initialNotaryDelay: time(0n), idleBlockInterval: time(1n), dkgIntervalLength, dkgIntervalTime: time(BigInt(ms) * 1_000_000n) });

describe("the end of an interval", () => {
  const summary = { height: 100, context: { time: 0n } } as unknown as Block;
  /** A block each 10 ms. */
  const contextAt = (known: number, halts = Infinity) => (at: Height) => (at > known ? undefined : { time: time(BigInt(at - 100) * 10_000_000n), certifiedHeight: height(at - 1), registryVersion: registryVersion(at < halts ? 1 : 2) });
  test("comes by heights alone where no time is asked for", () => {
    const judge = (at: number): boolean | undefined => isBeyond(summary, at, params(9, 0), () => undefined);
    expect([109, 110, 150].map(judge)).toEqual([false, true, true]);
  });
  test("needs the time of the block 70 below as well, and waits until that is known", () => {
    const judge = (at: number, known = 1000): boolean | undefined => isBeyond(summary, at, params(9, 500), contextAt(known));
    expect([110, 219, 220, 221].map((at) => judge(at))).toEqual([false, false, true, true]); // 150 has the first late time
    expect([judge(220, 149), judge(220, 150), judge(109, 0)]).toEqual([undefined, true, false]);
  });
  test("comes early when the block 70 below names a registry version that wants the subnet to stop, and the summary did not", () => {
    const stopping = { ...params(499, 60_000), haltsAt: (version: number) => version >= 2 }, begun = (version: number): Block => ({ ...summary, context: { ...summary.context, registryVersion: registryVersion(version) } });
    const judge = (at: number, known = 1000, version = 1): boolean | undefined => isBeyond(begun(version), at, stopping, contextAt(known, 140));
    expect([170, 209, 210, 211].map((at) => judge(at))).toEqual([false, false, true, true]);
    expect([judge(210, 139), judge(210, 1000, 2)]).toEqual([undefined, false]);
  });
});

describe("the committee of a height", () => {
  let subnet: EvolvingSubnet, pool: PoolReader;
  beforeAll(() => {
    subnet = createEvolvingSubnet({ bls: linearBls, seed: "committees", nodes: 4, intervalLength: 9 });
    subnet.runTo(25);
    pool = subnet.nodes[0]!.consensus.pool;
  });
  test("is that of its interval, known one interval ahead and not further", () => {
    const committees = createCommittees(pool, params(9, 0), () => subnet.keys.members), ids = (at: number): readonly string[] | undefined => { const known = committees.at(height(at)); return known && [known.low.id, known.high.id]; };
    const { currentTranscripts } = subnet.summaries().get(20)!, next = nextTranscripts(subnet.summaries().get(20)!);
    expect([ids(19), ids(20), ids(29)]).toEqual([subnet.summaries().get(10)!.currentTranscripts, currentTranscripts, currentTranscripts].map((transcripts) => transcripts.map(({ id }) => id)));
    expect([ids(30), ids(39)]).toEqual([[next.low.id, next.high.id], [next.low.id, next.high.id]]);
    expect([ids(40), ids(1000)]).toEqual([undefined, undefined]);
  });
  test("waits for the registry version that it names", () => {
    let known = false;
    const committees = createCommittees(pool, params(9, 0), () => (known ? subnet.keys.members : undefined));
    expect(committees.at(height(22))).toBeUndefined();
    known = true;
    expect(committees.at(height(22))?.members.length).toBe(4);
  });
  test("keeps the key whose generation failed", () => {
    const dkg = subnet.summaries().get(20)!, failed: DkgSummary = { ...dkg, nextTranscripts: dkg.nextTranscripts.filter(({ tag }) => tag === "lowThreshold") };
    expect(nextTranscripts(failed)).toEqual({ low: dkg.nextTranscripts[0], high: dkg.currentTranscripts[1] });
  });
});
