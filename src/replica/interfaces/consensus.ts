import type { Batch, Brand, CanisterId, CertifiedStreamSlice, Hash, Height, MessageId, NodeId, QueryStatsReport, RegistryVersion, Response, Result, SignedIngress, SubnetId, Time } from "../types/index.ts";
import type { Dealing, DkgConfig, NodeKeys, NodePublicKeys, Opening, Transcript, Verifier } from "./crypto.ts";
import type { Clock, Log } from "./runtime.ts";
import type { Certification } from "./subnet.ts";

/** Hex of the SHA-256 of a block's header under `block_domain`. */
export type BlockHash = Brand<string, "BlockHash">;
/** Hex of the SHA-256 of an artifact's encoding. */
export type ArtifactId = Brand<string, "ArtifactId">;

/** What a payload is built and checked against: nothing later than these may be looked at. */
export interface ValidationContext { readonly registryVersion: RegistryVersion; readonly certifiedHeight: Height; readonly time: Time }

/** The sections of a block that a batch is made of (protocol digest §1.5). */
export interface BatchPayload {
  /** CBOR envelopes as users signed them. */
  readonly ingress: readonly Uint8Array[];
  /** Sorted by source subnet. */
  readonly xnet: readonly CertifiedStreamSlice[];
  readonly consensusResponses: readonly Response[];
  /** Of the block's maker; absent in most blocks. */
  readonly queryStats?: QueryStatsReport;
}

/** The keys of a DKG interval (protocol digest §1.6). */
export interface DkgSummary {
  /** Membership of the interval. */
  readonly registryVersion: RegistryVersion;
  readonly currentTranscripts: readonly Transcript[];
  /** A key that is not among them stays what it is in the next interval. */
  readonly nextTranscripts: readonly Transcript[];
  /** The generations that run in this interval; their keys are the next ones of the next summary. */
  readonly configs: readonly DkgConfig[];
}

export type BlockPayload =
  | { readonly kind: "data"; readonly batch: BatchPayload; /** Dealings and reviews of the key generation as their makers signed them. */ readonly dealings: readonly Uint8Array[] }
  | { readonly kind: "summary"; readonly dkg: DkgSummary };

export interface Block {
  /** Number of the replica version that made it, and that executes it (`params/versions.ts`). */
  readonly version: number;
  readonly parent: BlockHash;
  readonly height: Height;
  readonly rank: number;
  readonly context: ValidationContext;
  /** Height of the summary block that opened this block's DKG interval; its own height for a summary. */
  readonly intervalStart: Height;
  readonly payload: BlockPayload;
}

/** `bytes` is the canonical encoding, as it travels and as it is stored; `id` its hash; `version` the number of the replica version that made it (`params/versions.ts`). */
interface Sealed<Kind extends string> { readonly kind: Kind; readonly height: Height; readonly version: number; readonly id: ArtifactId; readonly bytes: Uint8Array }
interface Signed { readonly signature: Uint8Array }
interface SignedBy extends Signed { readonly signer: NodeId }
/** `signers`: places in the sorted membership, ascending. */
interface MultiSigned extends Signed { readonly signers: readonly number[] }

export interface BlockProposal extends Sealed<"blockProposal">, SignedBy { readonly block: Block; readonly hash: BlockHash }
export interface NotarizationShare extends Sealed<"notarizationShare">, SignedBy { readonly block: BlockHash }
export interface Notarization extends Sealed<"notarization">, MultiSigned { readonly block: BlockHash }
export interface FinalizationShare extends Sealed<"finalizationShare">, SignedBy { readonly block: BlockHash }
export interface Finalization extends Sealed<"finalization">, MultiSigned { readonly block: BlockHash }
export interface RandomBeaconShare extends Sealed<"randomBeaconShare">, SignedBy { readonly parent: ArtifactId }
export interface RandomBeacon extends Sealed<"randomBeacon">, Signed { readonly parent: ArtifactId }
export interface RandomTapeShare extends Sealed<"randomTapeShare">, SignedBy {}
export interface RandomTape extends Sealed<"randomTape">, Signed {}
export interface CertificationShare extends Sealed<"certificationShare">, SignedBy { readonly hash: Hash<"StateRoot"> }
export interface CertificationArtifact extends Sealed<"certification">, Signed { readonly hash: Hash<"StateRoot"> }
export interface CatchUpContent { readonly block: BlockHash; readonly beacon: ArtifactId; /** Hash of the full state at the height. */ readonly stateHash: Hash<"State">; readonly registryVersion: RegistryVersion }
export interface CatchUpPackageShare extends Sealed<"catchUpPackageShare">, SignedBy { readonly content: CatchUpContent }
/** Carries the encoded summary block and beacon, so that it can be used with nothing else. */
export interface CatchUpPackage extends Sealed<"catchUpPackage">, Signed { readonly content: CatchUpContent; readonly proposal: Uint8Array; readonly beaconBytes: Uint8Array }
export interface EquivocationProof extends Sealed<"equivocationProof"> {
  readonly signer: NodeId;
  readonly first: { readonly hash: BlockHash; readonly signature: Uint8Array };
  readonly second: { readonly hash: BlockHash; readonly signature: Uint8Array };
}

/** Height: of the summary whose generation it belongs to. `signerKey` is the DER key that the signer's id comes from: a dealer may have left the subnet. */
interface DkgMessage<Kind extends string> extends Sealed<Kind>, SignedBy { readonly signerKey: Uint8Array; readonly dkgId: string }
export interface DkgDealing extends DkgMessage<"dkgDealing"> { readonly dealing: Dealing }
/** What a receiver found in the dealings of a generation; `subject` is the hash of all of them, dealers are named by their places, ascending. */
export interface DkgReview extends DkgMessage<"dkgReview"> {
  readonly subject: Uint8Array;
  readonly good: readonly number[];
  /** Complaints, each with its proof. */
  readonly bad: readonly { readonly place: number; readonly opening: Opening }[];
}

export type ConsensusArtifact =
  | BlockProposal | NotarizationShare | Notarization | FinalizationShare | Finalization | RandomBeaconShare | RandomBeacon | RandomTapeShare | RandomTape
  | CertificationShare | CertificationArtifact | CatchUpPackageShare | CatchUpPackage | EquivocationProof | DkgDealing | DkgReview;
export type ArtifactKind = ConsensusArtifact["kind"];
export type ArtifactOf<Kind extends ArtifactKind> = Extract<ConsensusArtifact, { readonly kind: Kind }>;

/** A node's pool as a duty sees it. Lists are in order of arrival. */
export interface PoolReader {
  /** Highest height with a validated notarization, finalization, beacon, catch-up package. */
  readonly notarizedHeight: Height;
  readonly finalizedHeight: Height;
  readonly beaconHeight: Height;
  readonly catchUpHeight: Height;
  at<Kind extends ArtifactKind>(kind: Kind, height: Height): readonly ArtifactOf<Kind>[];
  unvalidatedAt<Kind extends ArtifactKind>(kind: Kind, height: Height): readonly ArtifactOf<Kind>[];
  /** All heights, ascending. */
  unvalidated<Kind extends ArtifactKind>(kind: Kind): readonly ArtifactOf<Kind>[];
  /** A validated block by its hash. */
  proposal(hash: BlockHash): BlockProposal | undefined;
  isNotarized(hash: BlockHash): boolean;
  /** The block of the finalized chain at a height, also when only a later one carries a finalization. */
  finalized(height: Height): BlockProposal | undefined;
  beacon(height: Height): RandomBeacon | undefined;
  /** Heights with more than one validated block, ascending. */
  contested(): readonly Height[];
  /** When this node validated the artifact. */
  validatedAt(id: ArtifactId): Time | undefined;
  /** When something that is not validated yet arrived here. */
  receivedAt(id: ArtifactId): Time | undefined;
  /** When the round of a height began here: notarization and beacon of the height below were both known (protocol digest §1.3). */
  roundStart(height: Height): Time | undefined;
}

export type PoolChange =
  | { readonly kind: "addToValidated"; readonly artifact: ConsensusArtifact }
  | { readonly kind: "moveToValidated"; readonly artifact: ConsensusArtifact }
  | { readonly kind: "removeInvalid"; readonly artifact: ConsensusArtifact; readonly reason: string }
  | { readonly kind: "removeValidated"; readonly artifact: ConsensusArtifact }
  | { readonly kind: "purgeBelow"; readonly section: "validated" | "unvalidated"; readonly kinds: readonly ArtifactKind[]; readonly height: Height }
  /** Nothing to do yet; look again at this time. */
  | { readonly kind: "wake"; readonly at: Time };

/** Invalid blames the block maker; transient asks us to look again later. */
export type ValidationError = { readonly kind: "invalid"; readonly reason: string } | { readonly kind: "transient"; readonly reason: string };

/** `past`: payloads of the blocks above the context's certified height up to the parent, oldest first. */
export interface PayloadBuilder {
  build(height: Height, context: ValidationContext, past: readonly BatchPayload[]): BatchPayload;
  validate(height: Height, context: ValidationContext, payload: BatchPayload, past: readonly BatchPayload[]): Result<void, ValidationError>;
}

/** One section of the batch. `bytesMax`: what the sections before it have left of the block. */
export interface PayloadSection<Key extends keyof BatchPayload> {
  build(height: Height, context: ValidationContext, past: readonly BatchPayload[], bytesMax: number): BatchPayload[Key];
  validate(height: Height, context: ValidationContext, section: BatchPayload[Key], past: readonly BatchPayload[]): Result<void, ValidationError>;
}

/** What the ingress section asks of its node: the pool of accepted messages and the state at a certified height. */
export interface IngressSource {
  /** Messages that this node accepted, in the order in which they should be included. */
  messages(): readonly SignedIngress[];
  /** Reads an envelope and checks its signature and delegations; undefined for anything that is not a call of its sender. A pure function. */
  authenticate(envelope: Uint8Array): SignedIngress | undefined;
  /** Whether the ingress history of the state at the height knows the message; undefined when that state is not at hand. */
  isKnown(message: MessageId, certifiedHeight: Height): boolean | undefined;
  /** Whether the receiver exists and can pay for induction in the state at the height; undefined when that state is not at hand. */
  isPayable(message: SignedIngress, certifiedHeight: Height): boolean | undefined;
}

/** What the section of query statistics asks of its node. */
export interface QueryStatsSource {
  readonly node: NodeId;
  /** Of the epoch that ended last, by the height of a certified state; undefined when the node has not counted one to its end. */
  ended(certifiedHeight: Height): Pick<QueryStatsReport, "epoch" | "stats"> | undefined;
  /** The epoch that a certified height lies in: reports are about earlier ones. */
  epochOf(certifiedHeight: Height): number;
  /** What the state at the height has of a node's epoch: the canisters, `closed` when it takes nothing more of that epoch; undefined when that state is not at hand. */
  recorded(node: NodeId, epoch: number, certifiedHeight: Height): ReadonlySet<CanisterId> | "closed" | "none" | undefined;
}

export interface ConsensusParams {
  /** Nanoseconds, all of them (protocol digest §1.3). */
  readonly unitDelay: Time;
  readonly initialNotaryDelay: Time;
  /** An idle subnet makes a block this long after the last one (design D7). */
  readonly idleBlockInterval: Time;
  /** Blocks between summaries: a summary comes when so many heights *and* so much time have passed. */
  readonly dkgIntervalLength: number;
  readonly dkgIntervalTime: Time;
  /**
   * Whether a registry version wants the subnet to stop at a catch-up package: for a split, or another version of the replica (protocol digest
   * §1.7). The interval ends early then, and no batch above the next summary is delivered. A function of the registry alone; undefined while this node does not have that version. Absent: never.
   */
  readonly haltsAt?: (version: RegistryVersion, /** Number of the replica version that made what lies behind the summary; absent: the one that this node runs. */ made?: number) => boolean | undefined;
}

/** What consensus asks of the state of its node. */
export interface StateInfo {
  readonly latestCertifiedHeight: Height;
  /** Executed heights whose certified root has no certification yet, ascending. */
  hashesToCertify(): readonly { readonly height: Height; readonly hash: Hash<"StateRoot"> }[];
  /** Takes the height off `hashesToCertify`. */
  deliverCertification(certification: Certification): void;
  /** Hash of the full state at a checkpoint's height; undefined until it is known. */
  checkpointHash(height: Height): Hash<"State"> | undefined;
}

/** What is known of a delivered batch's block, for metrics and block events. */
export interface DeliveredBlock { readonly height: Height; readonly hash: BlockHash; readonly maker: NodeId; readonly rank: number; readonly summary: boolean }

/** Where a chain begins that does not begin at height 0: what the registry says when it gives a stuck subnet a new beginning (protocol digest §1.7). */
export interface Origin { readonly height: Height; /** Of the checkpoint at that height. */ readonly stateHash: Hash<"State">; readonly time: Time; readonly registryVersion: RegistryVersion }

export interface ConsensusOptions {
  readonly nodeId: NodeId;
  readonly subnetId: SubnetId;
  readonly keys: NodeKeys;
  /** The nodes that the subnet began with, in any order. */
  readonly membership: readonly NodePublicKeys[];
  /** The subnet's nodes at a registry version; undefined while this node does not have that version. Absent: always the same. */
  membersAt?(version: number): readonly NodePublicKeys[] | undefined;
  /** Those that the subnet began with. */
  readonly transcripts: { readonly low: Transcript; readonly high: Transcript };
  /** Name of the replica version that a registry version wants the subnet to run; undefined while this node does not have that version. Absent: always the first one. */
  replicaVersionAt?(version: RegistryVersion): string | undefined;
  /** May be shared by the nodes of one process: it remembers pure answers only. */
  readonly verifier: Verifier;
  readonly clock: Clock;
  readonly params: ConsensusParams;
  /** Absent height: 0. */
  readonly genesis: { readonly time: Time; readonly registryVersion: RegistryVersion; readonly height?: Height };
  readonly payloadBuilder: PayloadBuilder;
  /** The message of an envelope that was valid when its block was notarized. */
  decodeIngress(envelope: Uint8Array): SignedIngress | undefined;
  /** Newest registry version that may be named in a block. */
  registryVersion(): RegistryVersion;
  readonly stateInfo: StateInfo;
  expectedBatchHeight(): Height;
  deliverBatch(batch: Batch, block: DeliveredBlock): void;
  /** Whether a block is worth making now: ingress, a due timer, unfinished queues, a slice, a consensus response (design D7). */
  hasWork(): boolean;
  readonly log?: Log;
}

/** Consensus of one node. Synchronous; time passes only in its clock. */
export interface Consensus {
  readonly heights: { readonly notarized: Height; readonly finalized: Height; readonly beacon: Height; readonly catchUp: Height; readonly certified: Height };
  readonly pool: PoolReader;
  /** Whether it has stopped at a summary, as the registry wanted, and the subnet has signed the state of that height: it makes no more blocks. */
  readonly isHalted: boolean;
  /** Name of the replica version that it runs for the whole of its life: the one that its newest catch-up package asks for when it begins (protocol digest §1.7). */
  readonly replicaVersion: string;
  /** What the newest catch-up package asks for by now; undefined while its registry version is not known here. Another one than `replicaVersion`: it has to begin again. */
  readonly wantedReplicaVersion: string | undefined;
  /** Foreground duties to a fixpoint, with delivery of batches and certifications. True when anything changed. */
  advance(): boolean;
  /** Duties that do not depend on a payload (next beacon, next tape, catch-up package, purging): do them after answers have left. */
  prepare(): boolean;
  /** `advance`, then `prepare`. True when anything changed, and then it wants to be called again: while there is work there is always a next round. */
  step(): boolean;
  /** Bytes of an artifact that another node sent, kept until `advance` judges them. False when they are no artifact of a plausible height, or the sender's share of the room is used up. */
  receive(bytes: Uint8Array, from: NodeId): boolean;
  /** Artifacts to send to the other nodes since the last call: own shares, blocks, aggregates. */
  outgoing(): readonly ConsensusArtifact[];
  /** Everything that a node which lost touch may need. */
  offer(): readonly ConsensusArtifact[];
  /** When `step` should be called though nothing arrived; undefined when only an arrival can help. As of the last `advance`. */
  readonly nextDeadline: Time | undefined;
  /** What has to be durable for a height: the finalized block and what proves it, tape, beacon, certification, own shares. */
  poolAt(height: Height): readonly ConsensusArtifact[];
  /** Puts artifacts of this node's own journal back, in any order. @returns how many were read */
  restore(artifacts: readonly Uint8Array[]): number;
}
export type { Batch, Certification };
