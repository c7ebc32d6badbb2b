import { type Height, type Time, assert, height } from "../types/index.ts";
import type { ArtifactKind, BlockProposal, Consensus, ConsensusArtifact, ConsensusOptions, PoolChange } from "../interfaces/consensus.ts";
import { ARTIFACT_ROWS, decodeArtifact, rowOf } from "./artifactRows.ts";
import { DIVERGED, aggregateValidator } from "./aggregateValidator.ts";
import { nextBatch } from "./batchDelivery.ts";
import { blockMaker } from "./blockMaker.ts";
import { blockValidator } from "./blockValidator.ts";
import { catchUpPackageMaker } from "./catchUpPackageMaker.ts";
import { certifier } from "./certifier.ts";
import { dkgDealer } from "./dkg/dealer.ts";
import { dkgReviewer } from "./dkg/reviewer.ts";
import { dkgValidator } from "./dkg/dkgValidator.ts";
import { finalizer } from "./finalizer.ts";
import { createCommittees } from "./intervals.ts";
import { notary } from "./notary.ts";
import { provenMembers } from "./provenMembers.ts";
import { purger } from "./purger.ts";
import { randomBeaconMaker } from "./randomBeaconMaker.ts";
import { randomTapeMaker } from "./randomTapeMaker.ts";
import { shareAggregator } from "./shareAggregator.ts";
import { upcoming } from "./upcoming.ts";
import { type Duty, type DutyContext, GAP_MAX } from "./duty.ts";
import { createGenesis } from "./genesis.ts";
import { createReplicaVersions } from "./replicaVersions.ts";
import { createPool } from "./pool.ts";
import { isBehindHalt, isHalted } from "./status.ts";
import { finalizedSummary } from "./summary.ts";
import { createWalkLines } from "./walkLines.ts";

/** From an executed state to its certification: first, because somebody waits for it. */
const STATES: readonly Duty[] = [aggregateValidator, certifier, shareAggregator];
/** From a reason to make a block to its finalization. */
const BLOCKS: readonly Duty[] = [blockValidator, blockMaker, notary, shareAggregator, finalizer];
/** What the next round will need, and tidying: none of it depends on a payload (design D7). */
const BACKGROUND: readonly Duty[] = [randomBeaconMaker, randomTapeMaker, shareAggregator, catchUpPackageMaker, dkgValidator, dkgDealer, dkgReviewer, purger];
/** A duty that never comes to rest is a fault of ours. */
const PASSES_MAX = 10_000;

const OWN_SHARES: readonly ArtifactKind[] = ["notarizationShare", "finalizationShare", "randomBeaconShare", "randomTapeShare", "certificationShare", "catchUpPackageShare"];
/** Those of the first interval are of height 0, where everything else is what every node makes for itself. */
const KEY_GENERATION: readonly ArtifactKind[] = ["dkgDealing", "dkgReview"];
const DURABLE: readonly ArtifactKind[] = ["blockProposal", "notarization", "finalization", "randomBeacon", "randomTape", "certification", "catchUpPackage", "equivocationProof"];

/** One node's consensus. @param duties replaces a duty by another of the same name: for adversaries and planted faults */
export function createConsensus(options: ConsensusOptions, duties: readonly Duty[] = []): Consensus {
  const { nodeId, subnetId, keys, verifier, clock, payloadBuilder, stateInfo } = options, versions = createReplicaVersions(options), params = versions.params;
  const pool = createPool(createGenesis({ subnetId, ...options.genesis, transcripts: options.transcripts, membership: options.membership, version: versions.running.artifacts }), clock.now());
  const membersAt = provenMembers(verifier, options.membership, options.membersAt ?? (() => options.membership)), committees = createCommittees(pool, params, membersAt), subnetKey = options.transcripts.high.publicCoefficients[0]!;
  const replaced = (duty: Duty): Duty => duties.find(({ name }) => name === duty.name) ?? duty;
  const states = STATES.map(replaced), blocks = BLOCKS.map(replaced), background = BACKGROUND.map(replaced);
  const tell = options.log && createWalkLines(options.log, pool, options);
  let outbox: ConsensusArtifact[] = [], deadlines: Time[] = [];
  let workSince: { readonly at: Height; readonly since: Time } | undefined;

  const context = (): DutyContext => {
    const now = clock.now(), round = height(pool.notarizedHeight + 1);
    // A validated block is as good a sign of work as work itself; work that an earlier block has done meanwhile is none.
    if (!options.hasWork() && pool.at("blockProposal", round).length === 0) workSince = undefined;
    else if (workSince?.at !== round) workSince = { at: round, since: now };
    return {
      nodeId, subnetId, keys, committeeAt: committees.at, membersAt, subnetKey, verifier, params, payloadBuilder, stateInfo, now,
      registryVersion: options.registryVersion(), version: versions.running.artifacts, expectedBatchHeight: options.expectedBatchHeight(), workSince: workSince?.since,
    };
  };

  const send = (artifact: ConsensusArtifact): void => {
    if (rowOf(artifact.kind).scope === "relayed" || ("signer" in artifact && artifact.signer === nodeId)) outbox.push(artifact);
  };
  /** Counts what duties can see change. One that had nothing to do has nothing to do before the next change; when time alone will tell, it said so. */
  let revision = 0;
  const resting = new Map<Duty, { readonly revision: number; readonly wakes: readonly Time[] }>();
  const apply = (change: Exclude<PoolChange, { readonly kind: "wake" }>, now: Time): void => {
    if (change.kind === "removeInvalid") {
      const event = change.reason === DIVERGED ? "diverged" : "invalidArtifact";
      options.log?.({ room: "consensus", event, subnet: subnetId, height: change.artifact.height, kind: change.artifact.kind, reason: change.reason });
    }
    const outcome = pool.apply(change, now);
    const artifact = outcome?.validated;
    if (artifact !== undefined) {
      send(artifact);
      if (artifact.kind === "blockProposal" && artifact.signer === nodeId) keys.announce(upcoming(artifact, pool, subnetId, nodeId, committees.at(height(artifact.height + 1))?.low));
      tell?.(artifact);
    }
    if (outcome !== undefined) revision++;
  };
  const run = (list: readonly Duty[]): boolean => {
    const begun = revision;
    let known: DutyContext | undefined;
    for (const duty of list) {
      const before = revision, rest = resting.get(duty), wakes: Time[] = [];
      if (rest?.revision === before) { deadlines.push(...rest.wakes); continue; }
      known ??= context();
      for (const change of duty.onStateChange(pool, known)) if (change.kind === "wake") wakes.push(change.at); else apply(change, known.now);
      deadlines.push(...wakes);
      if (revision === before) resting.set(duty, { revision, wakes }); else known = undefined;
    }
    return revision > begun;
  };
  const deliver = (): boolean => {
    let delivered = false;
    for (;;) {
      const expected = options.expectedBatchHeight(), next = nextBatch(pool, expected, options.decodeIngress);
      // A block's registry version may be known to its notaries a moment before it is here.
      if (next === undefined || next.batch.registryVersion > options.registryVersion() || isBehindHalt(pool, next.block.height, params)) return delivered;
      options.deliverBatch(next.batch, next.block);
      assert(options.expectedBatchHeight() > expected, "a delivered batch is taken");
      delivered = true;
      revision++;
    }
  };

  /** Certifications of executed heights, also those that a restart brought back before the heights were executed again. */
  const certify = (): boolean => {
    const certified = stateInfo.hashesToCertify().flatMap(({ height: at, hash }) => pool.at("certification", at).filter((known) => Buffer.compare(known.hash, hash) === 0));
    for (const { height: at, hash, signature } of certified) stateInfo.deliverCertification({ height: at, hash, signature });
    revision += certified.length;
    return certified.length > 0;
  };

  const advance = (): boolean => {
    let changed = false;
    resting.clear(); // the state, the registry and the clock have moved as they like
    for (let pass = 0; ; pass++) {
      assert(pass < PASSES_MAX, "duties come to rest");
      deadlines = [];
      // In this order: what is certified is named in the next block, what is final is executed before the next pass.
      const outcomes = [run(states), certify(), run(blocks), deliver()];
      if (!outcomes.includes(true)) return changed;
      changed = true;
    }
  };
  let learned: BlockProposal | undefined;
  /** This node's shares of the keys that a finalized summary brings; those that no summary names any more are forgotten. @returns whether there was a new one */
  const refreshShares = (): boolean => {
    const found = finalizedSummary(pool);
    if (found === undefined) return false;
    const { summary, dkg } = found, transcripts = [...dkg.currentTranscripts, ...dkg.nextTranscripts], isNew = summary !== learned;
    if (isNew) for (const transcript of transcripts) if (transcript.committee.includes(nodeId)) keys.learnShare(transcript);
    learned = summary;
    if (isNew) revision++;
    if (pool.catchUpHeight === summary.height && summary.height > 0) keys.keepShares(transcripts.map(({ id }) => id));
    return isNew;
  };
  const prepare = (): boolean => {
    resting.clear();
    const learnt = refreshShares();
    const kept = deadlines;
    const changed = run(background);
    deadlines = kept;
    return changed || learnt;
  };

  return {
    pool, advance, prepare,
    get replicaVersion() { return versions.running.name; },
    get wantedReplicaVersion() { return versions.wantedBy(pool.finalized(pool.catchUpHeight)); },
    get isHalted() { return isHalted(pool, params) && pool.catchUpHeight === finalizedSummary(pool)?.summary.height; },
    heights: {
      get notarized() { return pool.notarizedHeight; }, get finalized() { return pool.finalizedHeight; }, get beacon() { return pool.beaconHeight; },
      get catchUp() { return pool.catchUpHeight; }, get certified() { return stateInfo.latestCertifiedHeight; },
    },
    step() {
      const advanced = advance();
      return prepare() || advanced;
    },
    receive(bytes, from) {
      const decoded = decodeArtifact(bytes);
      if (!decoded.ok) return false;
      const artifact = decoded.value;
      if (!versions.takes(artifact)) return false;
      const ahead = artifact.height > pool.finalizedHeight + params.dkgIntervalLength + 1 + GAP_MAX;
      if (ahead && artifact.kind !== "catchUpPackage") return false;
      // Bounded whatever arrives, and for each sender by itself: one that sends what nobody can judge takes no other's place.
      if (pool.isFull(artifact.kind, artifact.height, from, 2 * Math.max(options.membership.length, committees.at(pool.finalizedHeight)?.members.length ?? 0) + 8)) return false;
      const isNew = pool.insert(artifact, clock.now(), from);
      if (isNew) revision++;
      return isNew;
    },
    outgoing() {
      const sent = outbox;
      outbox = [];
      return sent;
    },
    offer: () => ARTIFACT_ROWS.flatMap(({ kind, scope }) =>
      pool.validatedAll(kind).filter((artifact) => (artifact.height > 0 || KEY_GENERATION.includes(kind)) && (scope === "relayed" || ("signer" in artifact && artifact.signer === nodeId)))),
    get nextDeadline() {
      return deadlines.reduce<Time | undefined>((first, at) => (first === undefined || at < first ? at : first), undefined);
    },
    poolAt: (at) => [
      ...DURABLE.flatMap((kind) => pool.at(kind, at) as readonly ConsensusArtifact[]),
      ...OWN_SHARES.flatMap((kind) => (pool.at(kind, at) as readonly ConsensusArtifact[]).filter((share) => "signer" in share && share.signer === nodeId)),
    ],
    restore(artifacts) {
      const now = clock.now();
      const read = versions.restored(artifacts.map(decodeArtifact).filter((decoded) => decoded.ok).map((decoded) => decoded.value));
      const order = (artifact: ConsensusArtifact): number => ARTIFACT_ROWS.findIndex(({ kind }) => kind === artifact.kind);
      for (const artifact of read.toSorted((a, b) => a.height - b.height || order(a) - order(b))) pool.apply({ kind: "addToValidated", artifact }, now);
      return read.length;
    },
  };
}
