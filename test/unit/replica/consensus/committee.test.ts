import { describe, expect, test } from "vitest";
import { createCommittee, sizesOf } from "../../../../src/replica/consensus/committee.ts";
import { createGenesis } from "../../../../src/replica/consensus/genesis.ts";
import { ranking } from "../../../../src/replica/consensus/ranking.ts";
import { generateSubnetKeys } from "../../../../src/replica/crypto/generateKeys.ts";
import { subnetIdOfKey } from "../../../../src/replica/crypto/der.ts";
import { createSeededRng } from "../../../../src/replica/runtime/seededRng.ts";
import { registryVersion, time } from "../../../../src/replica/types/index.ts";
import { linearBls } from "../../../sim/linearBls.ts";

const beaconOf = (seed: string, nodes: number) => {
  const keys = generateSubnetKeys(linearBls, createSeededRng(Buffer.from(seed)), nodes);
  const { beacon } = createGenesis({ subnetId: subnetIdOfKey(keys.transcripts.high.publicCoefficients[0]!), time: time(1n), registryVersion: registryVersion(1), transcripts: keys.transcripts });
  return { beacon, committee: createCommittee(keys.members, keys.transcripts), keys };
};

describe("sizes (protocol digest §1.1)", () => {
  test.each([[4, 1, 4, 3, 2, 3], [7, 2, 7, 5, 3, 5], [13, 4, 13, 9, 5, 9], [28, 9, 28, 19, 10, 19], [40, 13, 40, 27, 14, 27], [5, 1, 4, 3, 2, 4], [1, 0, 1, 1, 1, 1]])(
    "%i nodes", (nodes, faults, notaries, notarization, low, high) => {
      expect(sizesOf(nodes)).toEqual({ faults, notaries, notarization, blockMakers: faults + 1, low, high });
    });

  test("for 1 to 200 nodes two quorums share an honest notary, and the honest ones are a quorum", () => {
    for (let nodes = 1; nodes <= 200; nodes++) {
      const { faults: f, notaries: c, notarization: t, low, high } = sizesOf(nodes);
      expect(c <= nodes && c - (t - f) < t && c - f >= t).toBe(true);
      expect(low > f && low <= nodes - f && high > f && high <= nodes - f && 2 * high - nodes > f).toBe(nodes === 1 || f > 0 || 2 * high > nodes);
    }
  });
});

describe("ranking", () => {
  test("is a permutation that follows from the beacon, another for each purpose and beacon", () => {
    const { beacon } = beaconOf("a", 13), other = beaconOf("b", 13).beacon;
    const places = ranking(beacon, "BlockmakerRanking", 13);
    expect([...places].sort((x, y) => x - y)).toEqual(Array.from({ length: 13 }, (_, i) => i));
    expect(ranking(beacon, "BlockmakerRanking", 13)).toEqual(places);
    expect(ranking(beacon, "CommitteeSampling", 13)).not.toEqual(places);
    expect(ranking(other, "BlockmakerRanking", 13)).not.toEqual(places);
  });

  test("f+1 block makers with ranks 0..f, and 3f+1 notaries, whatever the order of the membership", () => {
    const { beacon, committee, keys } = beaconOf("a", 6), turned = createCommittee([...keys.members].reverse(), keys.transcripts);
    const nodes = keys.members.map(({ nodeId }) => nodeId);
    expect(nodes.map((node) => committee.rankOf(node, beacon)).filter((rank) => rank !== undefined).sort()).toEqual([0, 1]);
    expect(nodes.filter((node) => committee.isNotary(node, beacon)).length).toBe(4);
    expect(nodes.map((node) => turned.rankOf(node, beacon))).toEqual(nodes.map((node) => committee.rankOf(node, beacon)));
    expect(committee.rankOf("00" as never, beacon)).toBeUndefined();
  });

  test("no member is preferred: over 600 beacons each of 6 is first between 60 and 140 times", () => {
    const { beacon } = beaconOf("a", 6), first = new Array<number>(6).fill(0);
    for (let i = 0; i < 600; i++) first[ranking({ ...beacon, id: `${beacon.id}${i}` as never }, "BlockmakerRanking", 6).indexOf(0)]!++;
    expect(first.every((count) => count > 60 && count < 140)).toBe(true);
  });
});
