import { expect, test } from "vitest";
import { seal } from "../../../../src/replica/consensus/artifact.ts";
import { decodeArtifact, rowOf } from "../../../../src/replica/consensus/artifactRows.ts";
import { FIRST_REPLICA_VERSION, REPLICA_VERSIONS, knownReplicaVersion, replicaVersionOfArtifacts } from "../../../../src/replica/params/versions.ts";
import { height } from "../../../../src/replica/types/index.ts";

test("versions have names and numbers of their own, and differ in a price and in the certified tree", () => {
  expect(new Set(REPLICA_VERSIONS.map(({ name }) => name)).size).toBe(REPLICA_VERSIONS.length);
  for (const version of REPLICA_VERSIONS) expect(replicaVersionOfArtifacts(version.artifacts)).toBe(version);
  const [older, newer] = [knownReplicaVersion("0.0.9")!, knownReplicaVersion(FIRST_REPLICA_VERSION)!];
  expect([older.fees.gibStorage, newer.fees.gibStorage, older.certification, newer.certification]).toEqual([127_000n, 317_500n, 27, 29]);
});

test("artifacts carry the version that made them, and sign it; the first one's bytes do not name it, certifications name none", () => {
  const signature = new Uint8Array(48), first = seal(rowOf("randomTape"), height(7), { signature }, 1), other = seal(rowOf("randomTape"), height(7), { signature }, 2);
  for (const made of [first, other]) { const decoded = decodeArtifact(made.bytes.slice()); expect(decoded.ok && decoded.value).toEqual(made); }
  expect([first.version, other.version, first.id === other.id]).toEqual([1, 2, false]);
  expect(rowOf("randomTape").signedBytes(height(7), first, "" as never, 1)).not.toEqual(rowOf("randomTape").signedBytes(height(7), other, "" as never, 2));
  expect(seal(rowOf("certification"), height(7), { hash: new Uint8Array(32) as never, signature }, 2).version).toBe(1);
});
