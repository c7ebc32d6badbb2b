import type { BlockProposal, DkgDealing, DkgReview, DkgSummary } from "../../interfaces/consensus.ts";
import type { DkgConfig } from "../../interfaces/crypto.ts";
import { checkDealing } from "../../crypto/dealing.ts";
import { provesBadShare } from "../../crypto/transcript.ts";
import { createCache } from "../../types/index.ts";
import { isSigned } from "../artifacts/keyGeneration.ts";
import type { DutyContext } from "../duty.ts";
import { type DkgRecord, dealingsOf, subjectOf } from "./record.ts";

/** Whether dealings and reviews are good, which is a pure function of them and of the summary: computed once for all nodes of a process (design D8). */
const answers = createCache<boolean>(4096);

export const configOf = ({ configs }: DkgSummary, dkgId: string): DkgConfig | undefined => configs.find(({ id }) => id === dkgId);
const dkgOf = ({ block }: BlockProposal): DkgSummary | undefined => block.payload.kind === "summary" ? block.payload.dkg : undefined;

/** Whether a dealing may be used in the generations of a summary, as far as everybody can see. */
export function isGoodDealing({ subnetId, verifier }: Pick<DutyContext, "subnetId" | "verifier">, summary: BlockProposal, dealing: DkgDealing): boolean {
  const dkg = dkgOf(summary), config = dkg && configOf(dkg, dealing.dkgId);
  if (config === undefined || dealing.height !== summary.height) return false;
  return answers.get(`${summary.hash} ${dealing.id}`, () => isSigned(dealing, { subnetId, verifier }) && checkDealing(verifier.bls, config, dealing.signer, dealing.dealing));
}

/** Whether a receiver's word on the dealings of a record counts: every complaint in it proves itself. */
export function isGoodReview({ subnetId, verifier }: Pick<DutyContext, "subnetId" | "verifier">, summary: BlockProposal, record: DkgRecord, review: DkgReview): boolean {
  const dkg = dkgOf(summary), config = dkg && configOf(dkg, review.dkgId);
  if (config === undefined || review.height !== summary.height || !config.receivers.some(({ nodeId }) => nodeId === review.signer)) return false;
  if (Buffer.compare(review.subject, subjectOf(record, config)) !== 0) return false;
  return answers.get(`${summary.hash} ${review.id}`, () => {
    const dealings = new Map(dealingsOf(record, config).map(({ place, dealing }) => [place, dealing]));
    const named = [...review.good, ...review.bad.map(({ place }) => place)];
    return new Set(named).size === named.length && named.every((place) => dealings.has(place)) && isSigned(review, { subnetId, verifier })
      && review.bad.every(({ place, opening }) => provesBadShare(verifier.bls, config, config.dealers[place]!, review.signer, dealings.get(place)!.dealing, opening));
  });
}
