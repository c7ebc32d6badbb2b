import { createHash } from "node:crypto";
import type { Certification, DeliveredBlock, StateInfo } from "../../src/replica/interfaces/consensus.ts";
import { type Batch, type Hash, type Height, bytesFromHex, height, hexFromBytes } from "../../src/replica/types/index.ts";

/** A state as a checkpoint keeps it, and as another node may fetch it. */
export interface Snapshot { readonly height: number; readonly hash: string; readonly content: unknown }
/** What one life of a node delivered, in that order. */
export interface Delivery { readonly batch: Batch; readonly block: DeliveredBlock }

/** The state of a simulated node. */
export interface SimulatedState extends StateInfo {
  readonly height: Height;
  /** Height that this life began with: 0, a checkpoint, or what was fetched last. */
  readonly base: number;
  readonly deliveries: readonly Delivery[];
  readonly certified: readonly Certification[];
  deliver(batch: Batch, block: DeliveredBlock): void;
  /** Hex of the root of an executed height. */
  rootAt(height: number): string | undefined;
  /** Of a height whose full hash is known. */
  snapshot(height: number): Snapshot | undefined;
  /** Goes on from what another node had: nothing between is executed. */
  adopt(snapshot: Snapshot): void;
}

/** Digest of everything that a batch says. */
export function digestOf(batch: Batch): string {
  const hash = createHash("sha256").update(`${batch.height}:${batch.time}:${batch.registryVersion}:${batch.requiresCheckpoint}:${batch.blockMaker ?? ""}:`).update(batch.randomness);
  for (const { messageId } of batch.ingress) hash.update(messageId);
  for (const { source, certificate } of batch.streams) hash.update(source).update(certificate);
  return hash.digest("hex");
}

/** A state that is a hash chain of its batches: equal chains mean equal batches in equal order. @param corruptAt from this height on it differs from everyone else's */
export function createHashChain(corruptAt = Number.POSITIVE_INFINITY, from?: Snapshot): SimulatedState {
  const roots = new Map<number, string>([[from?.height ?? 0, from?.hash ?? "00".repeat(32)]]), deliveries: Delivery[] = [], certified: Certification[] = [];
  let base = from?.height ?? 0, tip = base, certifiedHeight = height(base);
  return {
    get height() { return height(tip); },
    get base() { return base; },
    deliveries, certified,
    get latestCertifiedHeight() { return certifiedHeight; },
    hashesToCertify: () => Array.from({ length: tip - certifiedHeight }, (_, i) => ({ height: height(certifiedHeight + 1 + i), hash: bytesFromHex(roots.get(certifiedHeight + 1 + i)!) as Hash<"StateRoot"> })),
    deliverCertification(certification) {
      certified.push(certification);
      if (certification.height > certifiedHeight) certifiedHeight = certification.height;
    },
    checkpointHash: (at) => roots.get(at) === undefined ? undefined : bytesFromHex(roots.get(at)!) as Hash<"State">,
    deliver(batch, block) {
      const root = createHash("sha256").update(roots.get(tip)!).update(digestOf(batch)).update(batch.height === corruptAt ? "bit" : "").digest("hex");
      roots.set(++tip, root);
      deliveries.push({ batch, block });
    },
    rootAt: (at) => roots.get(at),
    snapshot: (at) => roots.get(at) === undefined ? undefined : { height: at, hash: roots.get(at)!, content: undefined },
    adopt(snapshot) {
      roots.set(snapshot.height, snapshot.hash);
      base = tip = snapshot.height;
      certifiedHeight = height(Math.max(certifiedHeight, base));
    },
  };
}
export const rootOf = (certification: Certification): string => hexFromBytes(certification.hash);
