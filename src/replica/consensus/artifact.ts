import { type CborValue, decodeCbor, encodeCbor } from "../codec/cbor.ts";
import { hexHashOf } from "../crypto/domain.ts";
import { type Height, type Result, type SubnetId, err, height, ok } from "../types/index.ts";
import type { ArtifactId, ArtifactKind, ArtifactOf, ConsensusArtifact, RandomBeacon } from "../interfaces/consensus.ts";
import type { Verifier } from "../interfaces/crypto.ts";
import type { Committee } from "./committee.ts";
import { asCount, asList } from "./fields.ts";

/** What an artifact says, without what follows from it. */
export type Content<Kind extends ArtifactKind> = Omit<ArtifactOf<Kind>, "kind" | "height" | "version" | "id" | "bytes">;
/** The number of a replica version that artifacts do not name in their encoding: they did not before there were others. */
export const UNMARKED_VERSION = 1;

/** What a signature is checked with. `beacon` is the one below the artifact's height: it names notaries and block makers. */
export interface VerifyContext { readonly subnetId: SubnetId; readonly committee: Committee; /** The public key of the subnet, which stays for ever: 96 bytes. */ readonly subnetKey: Uint8Array; readonly verifier: Verifier; readonly beacon: RandomBeacon | undefined }

/** Everything about one kind of consensus artifact (protocol digest §1.2). */
export interface ArtifactRow<Kind extends ArtifactKind> {
  readonly kind: Kind;
  /** `relayed`: every node that validated it sends it on. `own`: only its maker sends it. */
  readonly scope: "relayed" | "own";
  /** Domain of the artifact's hash. */
  readonly domain: string;
  encode(height: Height, content: Content<Kind>): readonly CborValue[];
  /** @throws Malformed */
  decode(height: Height, parts: readonly CborValue[], version: number): Content<Kind>;
  /** The bytes that are signed, domain included. @param version of the artifact; absent: the unmarked one */
  signedBytes(height: Height, content: Content<Kind>, subnetId: SubnetId, version?: number): Uint8Array;
  /** What nodes of every replica version understand alike: certifications, whose signature is the clients'. */
  readonly anyVersion?: true;
  verify(artifact: ArtifactOf<Kind>, context: VerifyContext): boolean;
}

/** Identity, for inference. */
export const defineArtifact = <Kind extends ArtifactKind>(row: ArtifactRow<Kind>): ArtifactRow<Kind> => row;

/** The artifact with its canonical bytes and their hash. @param version of the replica that makes it */
export function seal<Kind extends ArtifactKind>(row: ArtifactRow<Kind>, at: Height, content: Content<Kind>, version: number = UNMARKED_VERSION): ArtifactOf<Kind> {
  const made = row.anyVersion === true ? UNMARKED_VERSION : version, bytes = encodeCbor([made === UNMARKED_VERSION ? row.kind : [row.kind, made], at, ...row.encode(at, content)]);
  return { ...content, kind: row.kind, height: at, version: made, bytes, id: hexHashOf(row.domain, bytes) as ArtifactId } as unknown as ArtifactOf<Kind>;
}

/** The row of a kind, and the way from bytes to artifacts: bytes must be exactly what `seal` writes, so that one thing has one id. */
export function createArtifactCodec(rows: readonly ArtifactRow<ArtifactKind>[]): {
  rowOf<Kind extends ArtifactKind>(kind: Kind): ArtifactRow<Kind>;
  decode(bytes: Uint8Array): Result<ConsensusArtifact, { readonly kind: "malformed"; readonly reason: string }>;
} {
  const byKind = new Map(rows.map((row) => [row.kind as string, row]));
  // Nodes of one process receive the same bytes: reading them is pure work, which may be shared (design D8).
  const known = new WeakMap<Uint8Array, ConsensusArtifact>();
  return {
    rowOf: <Kind extends ArtifactKind>(kind: Kind) => byKind.get(kind) as unknown as ArtifactRow<Kind>,
    decode(bytes) {
      const before = known.get(bytes);
      if (before !== undefined) return ok(before);
      try {
        // A view of its own: the reader leaves marks on the array object that it is given.
        const decoded = decodeCbor(bytes.subarray());
        if (!decoded.ok) return err({ kind: "malformed", reason: decoded.error.kind });
        const [mark, at, ...parts] = asList(decoded.value), [kind, made] = typeof mark === "string" ? [mark] : asList(mark, 2);
        const row = typeof kind === "string" ? byKind.get(kind) : undefined;
        if (row === undefined) return err({ kind: "malformed", reason: "unknown kind of artifact" });
        const artifactHeight = height(asCount(at)), version = made === undefined ? UNMARKED_VERSION : asCount(made);
        const artifact = seal(row, artifactHeight, row.decode(artifactHeight, parts, version), version);
        if (Buffer.compare(artifact.bytes, bytes) !== 0) return err({ kind: "malformed", reason: "not canonical" });
        known.set(bytes, artifact);
        known.set(artifact.bytes, artifact);
        return ok(artifact);
      } catch (error) {
        if (error instanceof RangeError) return err({ kind: "malformed", reason: error.message });
        throw error;
      }
    },
  };
}
