import { type Height, height, time } from "../types/index.ts";
import type { Block, BlockPayload, BlockProposal, PoolReader, ValidationContext } from "../interfaces/consensus.ts";
import { seal } from "./artifact.ts";
import { blockHash, blockMetadata, blockProposalRow } from "./artifacts/blockProposal.ts";
import { type Duty, type DutyContext, intervalOf, pastPayloads, qualified, roundBegin } from "./duty.ts";
import { EMPTY_PAYLOAD, encodePayload, isEmpty } from "./payloadCodec.ts";
import { buildDkgSection } from "./payload/dkgSection.ts";
import { isHalted, isHalting } from "./status.ts";
import { isSummaryDue, summaryPayload } from "./summary.ts";

const max = <N extends number | bigint>(a: N, b: N): N => (a > b ? a : b);

/** The notarized block to build on: of the lowest rank, and of those the smallest hash. */
function parentOf(pool: PoolReader, at: Height): BlockProposal | undefined {
  const notarized = pool.at("blockProposal", at).filter((proposal) => pool.isNotarized(proposal.hash));
  return notarized.reduce<BlockProposal | undefined>((best, proposal) =>
    best === undefined || proposal.block.rank < best.block.rank || (proposal.block.rank === best.block.rank && proposal.hash < best.hash) ? proposal : best, undefined);
}

function payloadFor(pool: PoolReader, parent: BlockProposal, at: Height, context: ValidationContext, duty: DutyContext): BlockPayload | undefined {
  const due = isSummaryDue(pool, parent, duty.params);
  if (due === undefined) return undefined;
  // Behind the summary that it stops at nothing is executed, so no later one would ever have a state.
  if (isHalting(pool, parent, duty.params)) return due ? undefined : EMPTY_PAYLOAD;
  if (due) return summaryPayload(pool, parent, context.registryVersion, duty);
  const past = pastPayloads(pool, parent, context.certifiedHeight);
  return past === undefined ? undefined : { kind: "data", batch: duty.payloadBuilder.build(at, context, past), dealings: buildDkgSection(pool, duty, parent) };
}

/**
 * Rule 2: the block of rank r is proposed `unit_delay · r` after the round began, unless a better one is known. Block time is strictly
 * increasing: max(local time, parent's + initial notary delay + 1 ns). A subnet that has stopped makes none.
 */
export const blockMaker: Duty = {
  name: "blockMaker",
  onStateChange(pool, duty) {
    const { nodeId, subnetId, keys, params, now, stateInfo, version } = duty;
    const at = height(pool.notarizedHeight + 1), beacon = pool.beacon(pool.notarizedHeight);
    const rank = beacon === undefined ? undefined : duty.committeeAt(at)?.rankOf(nodeId, beacon);
    const begin = roundBegin(pool, duty, at);
    if (rank === undefined || begin === undefined) return [];
    if (pool.at("blockProposal", at).some((proposal) => proposal.signer === nodeId) || qualified(pool, at).some((proposal) => proposal.block.rank < rank)) return [];
    const allowed = time(begin + params.unitDelay * BigInt(rank));
    if (now < allowed) return [{ kind: "wake", at: allowed }];
    const parent = parentOf(pool, pool.notarizedHeight);
    if (parent === undefined || isHalted(pool, params)) return [];
    const above = parent.block.context;
    const context: ValidationContext = {
      registryVersion: max(duty.registryVersion, above.registryVersion),
      certifiedHeight: max(height(Math.min(stateInfo.latestCertifiedHeight, parent.height)), above.certifiedHeight),
      time: time(max(now as bigint, above.time + params.initialNotaryDelay + 1n)),
    };
    const payload = payloadFor(pool, parent, at, context, duty);
    if (payload === undefined) return [];
    // Work that blocks on their way to execution will do is no reason for an empty block behind them.
    const idle = time(pool.roundStart(at)! + params.idleBlockInterval);
    if (duty.expectedBatchHeight <= pool.notarizedHeight && now < idle && isEmpty(payload) && !isHalting(pool, parent, params)) return [{ kind: "wake", at: idle }];
    const block: Block = {
      version, parent: parent.hash, height: at, rank, context, payload,
      intervalStart: payload.kind === "summary" ? at : intervalOf(parent.block),
    };
    const hash = blockHash(block, encodePayload(payload));
    const signature = keys.signBasic(blockMetadata(hash, at, subnetId, version));
    return [{ kind: "addToValidated", artifact: seal(blockProposalRow, at, { block, hash, signer: nodeId, signature }, version) }];
  },
};
