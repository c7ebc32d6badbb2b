import { expect, test, vi } from "vitest";
import { createSeededRng } from "../../../src/replica/runtime/seededRng.ts";
import { hexFromBytes } from "../../../src/replica/types/index.ts";
import { adversary } from "../adversaries.ts";
import { createChance } from "../chance.ts";
import { type Cluster, type ClusterOptions, type Role, ms } from "../cluster.ts";
import { finalized, life, runTo } from "./watched.ts";

vi.setConfig({ testTimeout: 300_000 }); // on a busy machine; alone they take a second each

test("14: a flipped bit in one node's state: it certifies nothing with the others, the next package tells, and a wiped node comes back", () => {
  life({ seed: "corrupt", nodes: 4, corruptState: new Map([[2, 5]]) }, (c) => {
    runTo(c, 30);
    expect(c.nodes[2]!.consensus.heights.certified).toBe(4);
    const [pack] = c.nodes[0]!.consensus.pool.at("catchUpPackage", 20 as never);
    expect(hexFromBytes(pack!.content.stateHash)).not.toBe(hexFromBytes(c.nodes[2]!.state.checkpointHash(20 as never)!));
    runTo(c, 75);
    c.wipe(2);
    c.run(1_500);
    const { state, consensus: { heights } } = c.nodes[2]!;
    expect([state.base >= 40, state.height >= finalized(c) - 2, heights.certified >= finalized(c) - 4]).toEqual([true, true, true]);
    expect(state.deliveries.length).toBeLessThan(finalized(c) - state.base + 3); // nothing below the package was executed
  });
});

test("a node that was away while the others went on for five intervals executes what is above its package, and nothing else", () => {
  life({ seed: "joiner", nodes: 4, params: { unitDelay: ms(20) } }, (c) => {
    runTo(c, 6);
    c.crash(1);
    runTo(c, 104);
    c.restart(1);
    for (let spent = 0; spent < 8_000 && c.nodes[1]!.state.height < finalized(c) - 2; spent += 50) c.run(50);
    const { state } = c.nodes[1]!, top = finalized(c);
    expect([state.base % 20, state.base >= 80, state.height >= top - 2, c.counters.syncs > 0]).toEqual([0, true, true, true]);
    expect(state.deliveries.filter(({ batch }) => batch.height > state.base).length).toBe(state.height - state.base);
  });
});

/** Names of the keys that the summaries brought, oldest first. */
function keysOf(nodes: number, liars: readonly number[], heights: number): { readonly cluster: Cluster; readonly dealt: readonly (readonly string[])[]; readonly keys: ReadonlySet<string> } {
  const dealt = new Map<number, readonly string[]>(), keys = new Set<string>(), acting = { chance: createChance(createSeededRng(new Uint8Array(32))), note: () => undefined, others: [] };
  const watches: ClusterOptions["watches"] = () => [{ step: (_, sent) => {
    for (const artifact of sent) {
      if (artifact.kind !== "blockProposal" || artifact.block.payload.kind !== "summary") continue;
      const { currentTranscripts, nextTranscripts } = artifact.block.payload.dkg;
      dealt.set(artifact.height, nextTranscripts.map(({ id }) => id));
      for (const { tag, publicCoefficients } of [...currentTranscripts, ...nextTranscripts]) if (tag === "highThreshold") keys.add(hexFromBytes(publicCoefficients[0]!));
    }
  } }];
  const roles = new Map<number, Role>(liars.map((place) => [place, adversary("badDealing").role(acting)]));
  const cluster = life({ seed: "dealers", nodes, roles, watches }, (c) => runTo(c, heights));
  return { cluster, dealt: [...dealt].sort(([a], [b]) => a - b).map(([, ids]) => ids), keys };
}
test("15: f dealers deal badly: they are left out, and each interval has new keys; more of them, and the keys stay", () => {
  const few = keysOf(4, [3], 44), many = keysOf(4, [1, 2, 3], 24);
  expect(few.dealt.map((ids) => ids.length)).toEqual([2, 2]);
  expect(new Set(few.dealt.flat()).size).toBe(4);
  expect(few.keys.size).toBe(1);
  expect(many.dealt[0]!.filter((id) => id.startsWith("highThreshold"))).toEqual([]);
});

test("16: with f nodes silent the public key stays over intervals (that all nodes are replaced one by one: test/agreement/keyGeneration.test.ts)", () => {
  const keys = new Set<string>(), watches: ClusterOptions["watches"] = () => [{ step: (_, sent) => {
    for (const artifact of sent) if (artifact.kind === "blockProposal" && artifact.block.payload.kind === "summary") for (const { tag, publicCoefficients } of artifact.block.payload.dkg.currentTranscripts) if (tag === "highThreshold") keys.add(hexFromBytes(publicCoefficients[0]!));
  } }];
  const cluster = life({ seed: "silent f", nodes: 4, watches }, (c) => { runTo(c, 4); c.crash(3); runTo(c, 46); });
  expect([...keys]).toEqual([hexFromBytes(cluster.keys.transcripts.high.publicCoefficients[0]!)]);
});
