import { type Time, height, time } from "../types/index.ts";
import type { BlockProposal, PoolChange, PoolReader } from "../interfaces/consensus.ts";
import { seal } from "./artifact.ts";
import { rowOf } from "./artifactRows.ts";
import { type Duty, type DutyContext, intervalOf, isDisqualified, pastPayloads, qualified, roundBegin, verifyContext } from "./duty.ts";
import { encodePayload, isEmpty, payloadHash } from "./payloadCodec.ts";
import { validateDkgSection } from "./payload/dkgSection.ts";
import { isHalting } from "./status.ts";
import { isSummaryDue, summaryPayload } from "./summary.ts";

/** `wait` keeps the proposal for later; `until` when time alone can change the answer. */
type Judgement = { readonly kind: "valid" } | { readonly kind: "invalid"; readonly reason: string } | { readonly kind: "wait"; readonly until?: Time };
const WAIT: Judgement = { kind: "wait" };
const invalid = (reason: string): Judgement => ({ kind: "invalid", reason });

/** The later of this node's clock and of the parent's time moved on by the time since it was received: a stalled clock stops nobody. */
function localTime(pool: PoolReader, { now }: DutyContext, parent: BlockProposal): bigint {
  const received = pool.validatedAt(parent.id) ?? now;
  const moved = parent.block.context.time + (now - received);
  return moved > now ? moved : now;
}

function judgePayload(pool: PoolReader, duty: DutyContext, { block }: BlockProposal, parent: BlockProposal): Judgement {
  const due = isSummaryDue(pool, parent, duty.params);
  if (due === undefined) return WAIT;
  if (due !== (block.payload.kind === "summary")) return invalid(due ? "summary expected" : "data block expected");
  if (block.intervalStart !== (due ? block.height : intervalOf(parent.block))) return invalid("wrong interval");
  if (due && isHalting(pool, parent, duty.params)) return invalid("a subnet that stops makes no other summary");
  if (block.payload.kind === "summary") {
    const expected = summaryPayload(pool, parent, block.context.registryVersion, duty);
    if (expected === undefined) return WAIT;
    const same = Buffer.compare(payloadHash(encodePayload(expected)), payloadHash(encodePayload(block.payload))) === 0;
    return same ? { kind: "valid" } : invalid("summary does not follow from the last one");
  }
  if (isHalting(pool, parent, duty.params)) return isEmpty(block.payload) ? { kind: "valid" } : invalid("a subnet that stops makes empty blocks");
  const past = pastPayloads(pool, parent, block.context.certifiedHeight);
  if (past === undefined) return WAIT;
  let verdict = duty.payloadBuilder.validate(block.height, block.context, block.payload.batch, past);
  if (verdict.ok) verdict = validateDkgSection(pool, duty, parent, block.payload.dealings);
  if (verdict.ok) return { kind: "valid" };
  return verdict.error.kind === "transient" ? WAIT : invalid(verdict.error.reason);
}

/** Context not below the parent's, time strictly above; what this node does not know yet it waits for (protocol digest §1.3). */
function judgeContext(pool: PoolReader, duty: DutyContext, { block }: BlockProposal, parent: BlockProposal): Judgement {
  const above = parent.block.context, { context } = block;
  if (context.registryVersion < above.registryVersion || context.certifiedHeight < above.certifiedHeight || context.time <= above.time) return invalid("context goes back");
  if (context.certifiedHeight >= block.height) return invalid("certified height is not in the past");
  if (context.registryVersion > duty.registryVersion || context.certifiedHeight > duty.stateInfo.latestCertifiedHeight) return WAIT;
  const early = context.time - localTime(pool, duty, parent);
  return early > 0n ? { kind: "wait", until: time(duty.now + early) } : { kind: "valid" };
}

function judge(pool: PoolReader, duty: DutyContext, proposal: BlockProposal): Judgement {
  const { block, height: at } = proposal;
  const best = qualified(pool, at).reduce((rank, known) => Math.min(rank, known.block.rank), Number.MAX_SAFE_INTEGER);
  if (block.rank > best) return WAIT;
  const begin = roundBegin(pool, duty, at);
  if (begin === undefined) return WAIT;
  const allowed = time(begin + duty.params.unitDelay * BigInt(block.rank));
  if (block.rank > 0 && duty.now < allowed) return { kind: "wait", until: allowed };
  const parent = pool.proposal(block.parent);
  if (parent === undefined || !pool.isNotarized(block.parent)) return WAIT;
  if (parent.height !== height(at - 1)) return invalid("parent is not one below");
  const context = judgeContext(pool, duty, proposal, parent);
  return context.kind === "valid" ? judgePayload(pool, duty, proposal, parent) : context;
}

function equivocation(pool: PoolReader, proposal: BlockProposal): PoolChange | undefined {
  const other = pool.at("blockProposal", proposal.height).find((known) => known.signer === proposal.signer && known.hash !== proposal.hash);
  if (other === undefined) return undefined;
  const [first, second] = proposal.hash < other.hash ? [proposal, other] as const : [other, proposal] as const;
  const part = ({ hash, signature }: BlockProposal): { hash: BlockProposal["hash"]; signature: Uint8Array } => ({ hash, signature });
  return { kind: "addToValidated", artifact: seal(rowOf("equivocationProof"), proposal.height, { signer: proposal.signer, first: part(first), second: part(second) }, proposal.version) };
}

/** Rule 3a: a block that enough notaries signed, on a notarized parent, is taken over without a look at its payload. */
function fastPath(pool: PoolReader, duty: DutyContext, proposal: BlockProposal): readonly PoolChange[] | undefined {
  const parent = pool.proposal(proposal.block.parent);
  if (parent === undefined || !pool.isNotarized(parent.hash) || parent.height !== proposal.height - 1) return undefined;
  const context = verifyContext(pool, duty, proposal.height);
  if (context === undefined) return undefined;
  const notarization = pool.unvalidatedAt("notarization", proposal.height)
    .find((known) => known.block === proposal.hash && rowOf("notarization").verify(known, context));
  return notarization === undefined ? undefined : [{ kind: "moveToValidated", artifact: proposal }, { kind: "moveToValidated", artifact: notarization }];
}

/** Rule 3: which foreign blocks are worth a notarization. */
export const blockValidator: Duty = {
  name: "blockValidator",
  onStateChange(pool, duty) {
    const changes: PoolChange[] = [];
    for (const proposal of pool.unvalidated("blockProposal")) {
      const at = proposal.height;
      if (at <= pool.finalizedHeight || at > pool.notarizedHeight + 1) continue;
      const drop = (reason: string): number => changes.push({ kind: "removeInvalid", artifact: proposal, reason });
      const context = verifyContext(pool, duty, at);
      if (context?.beacon === undefined) continue;
      if (proposal.version !== duty.version) { drop("made by another replica version"); continue; }
      if (!rowOf("blockProposal").verify(proposal, context)) { drop("not signed by the block maker of its rank"); continue; }
      const fast = fastPath(pool, duty, proposal);
      if (fast !== undefined) return [...changes, ...fast];
      if (isDisqualified(pool, at, proposal.signer)) continue;
      const proof = equivocation(pool, proposal);
      if (proof !== undefined) return [...changes, proof];
      const judgement = judge(pool, duty, proposal);
      // One at a time: what is validated now decides about the next one.
      if (judgement.kind === "valid") return [...changes, { kind: "moveToValidated", artifact: proposal }];
      if (judgement.kind === "invalid") drop(judgement.reason);
      else if (judgement.until !== undefined) changes.push({ kind: "wake", at: judgement.until });
    }
    return changes;
  },
};
