import { expect, test } from "vitest";
import { DOMAINS, separated } from "../../src/replica/crypto/domain.ts";
import { hexFromBytes } from "../../src/replica/types/index.ts";
import { createEvolvingSubnet } from "../agreement/evolvingSubnet.ts";
import { linearBls } from "../sim/linearBls.ts";

/** Protocol digest §7 row 9; on the real curve, without the chain: test/agreement/reshared.test.ts. */
const NODES = 4, RESHARES = 10;

test("a subnet whose nodes are all replaced, over more than ten intervals: it certifies all along under its first key", () => {
  const subnet = createEvolvingSubnet({ bls: linearBls, seed: "ten reshares", nodes: NODES, spares: NODES, intervalLength: 7 }), key = subnet.keys.transcripts.high.publicCoefficients[0]!;
  for (let left = 1; left <= NODES; left++) {
    subnet.setMembers(subnet.publicKeys.slice(left, left + NODES));
    subnet.runTo(16 * left);
  }
  subnet.runTo(100);
  const highs = [...subnet.summaries().values()].map(({ currentTranscripts }) => currentTranscripts.find(({ tag }) => tag === "highThreshold")!), last = subnet.nodes.slice(NODES);
  expect(new Set(highs.map(({ id }) => id)).size).toBeGreaterThan(RESHARES);
  expect(new Set(highs.map(({ publicCoefficients }) => hexFromBytes(publicCoefficients[0]!)))).toEqual(new Set([hexFromBytes(key)]));
  expect([...highs.at(-1)!.committee].sort()).toEqual(last.map(({ id }) => id).sort());
  const { certified } = last[0]!;
  expect([certified[0]!.height, certified.at(-1)!.height >= 95]).toEqual([1, true]);
  for (const { hash, signature } of certified) expect(linearBls.verify(key, separated(DOMAINS.stateRoot, hash), signature)).toBe(true);
});
