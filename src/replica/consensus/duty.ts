import type { Height, NodeId, RegistryVersion, SubnetId, Time } from "../types/index.ts";
import { height, time } from "../types/index.ts";
import type { BatchPayload, Block, BlockProposal, ConsensusParams, PayloadBuilder, PoolChange, PoolReader, RandomBeacon, StateInfo } from "../interfaces/consensus.ts";
import type { NodeKeys, NodePublicKeys, Verifier } from "../interfaces/crypto.ts";
import type { VerifyContext } from "./artifact.ts";
import type { Committee } from "./committee.ts";

/** What a duty may know besides the pool, as of one pass. */
export interface DutyContext {
  readonly nodeId: NodeId;
  readonly subnetId: SubnetId;
  readonly keys: NodeKeys;
  /** Who may do what at a height; undefined when this node cannot know it yet: wait. */
  committeeAt(height: Height): Committee | undefined;
  /** The subnet's nodes at a registry version; undefined while this node does not have that version. */
  membersAt(version: number): readonly NodePublicKeys[] | undefined;
  /** The public key of the subnet, which stays for ever: 96 bytes. */
  readonly subnetKey: Uint8Array;
  readonly verifier: Verifier;
  readonly params: ConsensusParams;
  readonly now: Time;
  readonly payloadBuilder: PayloadBuilder;
  readonly stateInfo: StateInfo;
  readonly registryVersion: RegistryVersion;
  /** Number of the replica version that this node runs: of all that it makes, and takes from others. */
  readonly version: number;
  readonly expectedBatchHeight: Height;
  /** Since when this round has been worth a block, as this node sees it; undefined when it is not yet. */
  readonly workSince: Time | undefined;
}

/** One duty of a node: reads the pool, answers with changes; holds no other state and performs no effects (design §3.4). */
export interface Duty { readonly name: string; onStateChange(pool: PoolReader, context: DutyContext): readonly PoolChange[] }

/** How far the chain may run ahead of what is certified or caught up (protocol digest §1.3). */
export const GAP_MAX = 70;
/** Heights below a catch-up package whose chain is kept for nodes that are a little late (protocol digest §1.4, rule 17). */
export const CHAIN_KEPT = 50;

export const beaconBelow = (pool: PoolReader, at: Height): RandomBeacon | undefined => pool.beacon(height(at - 1));
/** What artifacts of a height are checked with; undefined while the height's committee is not known here. */
export function verifyContext(pool: PoolReader, { subnetId, committeeAt, subnetKey, verifier }: DutyContext, at: Height): VerifyContext | undefined {
  const committee = committeeAt(at);
  return committee && { subnetId, committee, subnetKey, verifier, beacon: beaconBelow(pool, at) };
}

/** A maker with a proof against it at the height: its blocks count no more. */
export const isDisqualified = (pool: PoolReader, at: Height, signer: NodeId): boolean => pool.at("equivocationProof", at).some((proof) => proof.signer === signer);
export const qualified = (pool: PoolReader, at: Height): readonly BlockProposal[] => {
  const proposals = pool.at("blockProposal", at);
  return pool.at("equivocationProof", at).length === 0 ? proposals : proposals.filter((proposal) => !isDisqualified(pool, at, proposal.signer));
};

/**
 * When a round's delays begin: with the round, but on a subnet that waits for work not before there is some (design D7). An idle round begins
 * one idle interval late, for everybody.
 */
export function roundBegin(pool: PoolReader, { params, workSince }: DutyContext, at: Height): Time | undefined {
  const start = pool.roundStart(at);
  if (start === undefined) return undefined;
  const idle = start + params.idleBlockInterval;
  const work = workSince === undefined || workSince > idle ? idle : workSince;
  return time(work > start ? work : start);
}

/** Payloads of the blocks above `certifiedHeight` up to `parent`, oldest first; undefined when the chain to there is not known here. */
export function pastPayloads(pool: PoolReader, parent: BlockProposal, certifiedHeight: Height): readonly BatchPayload[] | undefined {
  const past: BatchPayload[] = [];
  for (let at: BlockProposal | undefined = parent; at === undefined || at.height > certifiedHeight; at = pool.proposal(at.block.parent)) {
    if (at === undefined) return undefined;
    if (at.block.payload.kind === "data") past.push(at.block.payload.batch);
  }
  return past.reverse();
}

/** Height of the summary that opened the interval that a child of this block is in. */
export const intervalOf = (parent: Block): Height => parent.payload.kind === "summary" ? parent.height : parent.intervalStart;
