import { type Height, NANOSECONDS_PER_SECOND, type Time, height, hexFromBytes, time } from "../types/index.ts";
import type { ArtifactKind, ArtifactOf, CatchUpPackage, PoolChange, PoolReader } from "../interfaces/consensus.ts";
import { decodeArtifact, rowOf } from "./artifactRows.ts";
import { CHAIN_KEPT, type Duty, type DutyContext, GAP_MAX, verifyContext } from "./duty.ts";

type Judge = (pool: PoolReader, duty: DutyContext) => PoolChange[];

/** What only the subnet's own key has to sign can be judged at any height; the rest waits until its height's committee is known. */
const BY_SUBNET_KEY: readonly ArtifactKind[] = ["certification", "catchUpPackage"];
function settle<Kind extends ArtifactKind>(pool: PoolReader, duty: DutyContext, artifact: ArtifactOf<Kind>): PoolChange[] {
  const known = verifyContext(pool, duty, artifact.height) ?? (BY_SUBNET_KEY.includes(artifact.kind) ? verifyContext(pool, duty, pool.finalizedHeight) : undefined);
  if (known === undefined) return [];
  return [rowOf(artifact.kind as Kind).verify(artifact, known) ? { kind: "moveToValidated", artifact } : { kind: "removeInvalid", artifact, reason: "signature does not verify" }];
}

/** Rule 14: only for heights above the finalized one, of blocks that are validated (finalizations: notarized) here; one of a block is enough, whoever signed it. */
const agreements: Judge = (pool, duty) => {
  const isNew = ({ kind, height: at, block }: ArtifactOf<"notarization" | "finalization">): boolean => !pool.at(kind, at).some((known) => known.block === block);
  const settled = [
    ...pool.unvalidated("notarization").filter((known) => known.height > pool.finalizedHeight && known.height <= pool.notarizedHeight + 1 && pool.proposal(known.block)?.height === known.height && isNew(known)),
    ...pool.unvalidated("finalization").filter((known) => known.height > pool.finalizedHeight && pool.isNotarized(known.block) && pool.proposal(known.block)?.height === known.height && isNew(known)),
  ].flatMap((known) => settle(pool, duty, known));
  const taken = new Set<string>();
  return settled.filter((change) => {
    if (change.kind !== "moveToValidated" || !("block" in change.artifact)) return true;
    const name = `${change.artifact.kind} ${String(change.artifact.block)}`, first = !taken.has(name);
    taken.add(name);
    return first;
  });
};

const beacons: Judge = (pool, duty) => {
  const parent = pool.beacon(pool.beaconHeight);
  return pool.unvalidatedAt("randomBeacon", height(pool.beaconHeight + 1)).flatMap((beacon): PoolChange[] =>
    beacon.parent === parent?.id ? settle(pool, duty, beacon) : [{ kind: "removeInvalid", artifact: beacon, reason: "not on the beacon below" }]);
};

const tapes: Judge = (pool, duty) => pool.unvalidated("randomTape")
  .filter((tape) => tape.height >= duty.expectedBatchHeight && tape.height <= pool.finalizedHeight + 1 && pool.at("randomTape", tape.height).length === 0)
  .flatMap((tape) => settle(pool, duty, tape));

const equivocations: Judge = (pool, duty) => pool.unvalidated("equivocationProof")
  .filter((proof) => proof.height > pool.finalizedHeight && proof.height <= pool.notarizedHeight + GAP_MAX).flatMap((proof) => settle(pool, duty, proof));

/** A certification of another root than ours that verifies means that this node's state is wrong: the reason says so. */
const certifications: Judge = (pool, duty) => {
  const roots = new Map<Height, string>(duty.stateInfo.hashesToCertify().map(({ height: at, hash }) => [at, hexFromBytes(hash)]));
  return pool.unvalidated("certification").filter(({ height: at }) => roots.has(at) && pool.at("certification", at).length === 0).flatMap((known) =>
    settle(pool, duty, known).map((verdict): PoolChange =>
      verdict.kind === "moveToValidated" && hexFromBytes(known.hash) !== roots.get(known.height) ? { kind: "removeInvalid", artifact: known, reason: DIVERGED } : verdict));
};
/** The reason given when the subnet certified another state than this node's. */
export const DIVERGED = "the subnet certified another state";

function packageFits(pack: CatchUpPackage): boolean {
  const proposal = decodeArtifact(pack.proposal), beacon = decodeArtifact(pack.beaconBytes);
  return proposal.ok && beacon.ok && proposal.value.kind === "blockProposal" && beacon.value.kind === "randomBeacon" && proposal.value.hash === pack.content.block
    && beacon.value.id === pack.content.beacon && proposal.value.height === pack.height && proposal.value.version === pack.version && beacon.value.height === pack.height && proposal.value.block.payload.kind === "summary";
}

/** A package may wait for so long while its node can still compute its way there (protocol digest §1.4, rule 11). */
const HOLD_MAX = 150n * NANOSECONDS_PER_SECOND;
/** Blocks that are a moment away: the other nodes still have them, and offer them. */
const HOLD_UNITS = 30n;

/**
 * Until when a package is held back; undefined: it counts now. A node that has the blocks and is nearly there executes them (rule 11); one that
 * lacks some which the others still keep waits a moment for them, because once the package counts nothing below it is taken any more.
 */
function heldUntil(pool: PoolReader, { expectedBatchHeight, params }: DutyContext, pack: CatchUpPackage, now: Time): Time | undefined {
  const since = pool.receivedAt(pack.id) ?? now, behind = pack.height + 1 - expectedBatchHeight;
  const hold = pool.finalizedHeight >= pack.height ? (behind > 0 && behind < params.dkgIntervalLength / 4 ? HOLD_MAX : 0n) : pack.height - pool.finalizedHeight <= CHAIN_KEPT ? HOLD_UNITS * params.unitDelay : 0n;
  return now < since + hold ? time(since + hold) : undefined;
}

/** Rule 11: valid under the subnet's key alone, with no chain below it. */
const catchUps: Judge = (pool, duty) => pool.unvalidated("catchUpPackage").filter((pack) => pack.height > pool.catchUpHeight).flatMap((pack): PoolChange[] => {
  if (!packageFits(pack)) return [{ kind: "removeInvalid", artifact: pack, reason: "content does not fit" }];
  const until = heldUntil(pool, duty, pack, duty.now);
  return until === undefined ? settle(pool, duty, pack) : [{ kind: "wake", at: until }];
});

/** Rules 11 and 14: aggregates and proofs that other nodes made. */
export const aggregateValidator: Duty = {
  name: "aggregateValidator",
  onStateChange: (pool, duty) => [agreements, beacons, tapes, equivocations, certifications, catchUps].flatMap((judge) => judge(pool, duty)),
};
