import { beforeAll, describe, expect, test } from "vitest";
import { seal } from "../../../../src/replica/consensus/artifact.ts";
import { ARTIFACT_ROWS, rowOf } from "../../../../src/replica/consensus/artifactRows.ts";
import type { ArtifactKind, ConsensusArtifact } from "../../../../src/replica/interfaces/consensus.ts";
import { height } from "../../../../src/replica/types/index.ts";
import { type EvolvingNode, type EvolvingSubnet, createEvolvingSubnet } from "../../../agreement/evolvingSubnet.ts";
import { linearBls } from "../../../sim/linearBls.ts";

/** Two lives of one subnet with the same keys: all of its nodes lie to one that runs the newer version, with artifacts of a chain that the older one made. */
const begin = (replicaVersion: string): EvolvingSubnet => createEvolvingSubnet({ bls: linearBls, seed: "versions", nodes: 4, replicaVersion });
const ALIKE: readonly ArtifactKind[] = ["catchUpPackage", "certification", "certificationShare"];
let lies: readonly ConsensusArtifact[];
beforeAll(() => {
  const older = begin("0.0.9");
  older.runTo(22);
  lies = older.nodes.flatMap(({ sent }) => sent).sort((a, b) => a.height - b.height);
});
const isForeign = ({ kind }: ConsensusArtifact): boolean => !ALIKE.includes(kind);
const HEIGHTS = Array.from({ length: 40 }, (_, at) => height(at));
const validOf = ({ consensus: { pool } }: EvolvingNode): readonly string[] => ARTIFACT_ROWS.flatMap(({ kind }) => HEIGHTS.flatMap((at) => pool.at(kind, at).map(({ id }) => id))).sort();
/** Everything that a node's pool holds. */
const poolOf = (node: EvolvingNode): readonly string[] => [...validOf(node), ...ARTIFACT_ROWS.flatMap(({ kind }) => node.consensus.pool.unvalidated(kind).map(({ id }) => id)).sort()];

describe("a node that runs another version than whoever sends", () => {
  test("hears whole quorums of the other chain and looks at none of it", () => {
    const newer = begin("0.1.0"), [victim, { id: liar }] = newer.nodes as [EvolvingNode, EvolvingNode];
    // Enough for a chain of its own: blocks, notarizations and finalizations of all heights.
    expect(new Set(lies.filter(isForeign).map(({ kind }) => kind))).toContain("finalization");
    for (const moment of [0, 5, 12]) {
      newer.runTo(moment);
      const before = poolOf(victim), { notarized, finalized, beacon } = victim.consensus.heights;
      for (const lie of lies.filter(isForeign)) expect([lie.kind, lie.version, victim.consensus.receive(lie.bytes.slice(), liar)]).toEqual([lie.kind, 2, false]);
      expect(poolOf(victim)).toEqual(before);
      expect(victim.consensus.heights).toMatchObject({ notarized, finalized, beacon });
    }
    const honest = begin("0.1.0");
    honest.runTo(12);
    expect(victim.batches).toEqual(honest.nodes[0]!.batches);
  });
  test("artifacts that are called its own version's are signed as another's: refused", () => {
    const newer = begin("0.1.0"), [victim, { id: liar }] = newer.nodes as [EvolvingNode, EvolvingNode];
    const signed = lies.filter((lie) => isForeign(lie) && lie.kind !== "equivocationProof" && lie.kind !== "dkgDealing" && lie.kind !== "dkgReview");
    const forged = signed.filter(({ height: at }) => at < 4).map((lie) => seal(rowOf(lie.kind), lie.height, lie as never, 1));
    expect(forged.filter(({ bytes }) => victim.consensus.receive(bytes, liar)).length).toBeGreaterThan(10);
    newer.runTo(6);
    const valid = new Set(validOf(victim));
    expect(valid.size).toBeGreaterThan(10);
    expect(forged.filter(({ id }) => valid.has(id))).toEqual([]);
    const honest = begin("0.1.0");
    honest.runTo(6);
    expect(victim.batches).toEqual(honest.nodes[0]!.batches);
  });
  test("takes a catch-up package and goes on from it, and certifications, which are the clients'", () => {
    const alone = begin("0.1.0"), [victim, ...others] = alone.nodes as [EvolvingNode, ...EvolvingNode[]], taken = new Set<ArtifactKind>();
    for (const { id } of others) alone.silent.add(id);
    for (const lie of lies.filter(({ kind }) => kind === "catchUpPackage" || kind.startsWith("certification"))) if (victim.consensus.receive(lie.bytes.slice(), others[0]!.id)) taken.add(lie.kind);
    expect([...taken].sort()).toEqual(ALIKE);
    // Packages wait for a while, should the blocks below them come; alone it makes none.
    expect(() => alone.runTo(1)).toThrow("stuck");
    expect(victim.consensus.heights.catchUp).toBe(20);
  });
});
