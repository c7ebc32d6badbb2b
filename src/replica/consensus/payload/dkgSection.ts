import { type Result, err, ok } from "../../types/index.ts";
import type { BlockProposal, DkgDealing, DkgReview, PoolReader, ValidationError } from "../../interfaces/consensus.ts";
import { decodeArtifact } from "../artifactRows.ts";
import { isGoodDealing, isGoodReview } from "../dkg/judge.ts";
import { dealingsEnd } from "../dkg/phases.ts";
import { dealingOf, recordOf, reviewOf } from "../dkg/record.ts";
import type { DutyContext } from "../duty.ts";
import { summaryOf } from "../summary.ts";

/** Dealings and reviews of one block; they do not count against the payload's 4 MiB. */
export const DKG_BYTES_MAX = 32 * 1024;

type Judged = Pick<DutyContext, "subnetId" | "verifier" | "params"> & Partial<Pick<DutyContext, "version">>;
const invalid = (reason: string): Result<never, ValidationError> => err({ kind: "invalid", reason });

/** What this node has of the interval's key generation that the chain up to `parent` has not. */
export function buildDkgSection(pool: PoolReader, { params }: Judged, parent: BlockProposal): readonly Uint8Array[] {
  const summary = summaryOf(pool, parent), at = summary?.height;
  if (summary === undefined || at === undefined) return [];
  const isEarly = parent.height + 1 - at <= dealingsEnd(params.dkgIntervalLength);
  const waiting: readonly (DkgDealing | DkgReview)[] = isEarly ? pool.at("dkgDealing", at) : pool.at("dkgReview", at);
  const record = waiting.length === 0 ? undefined : recordOf(pool, parent);
  if (record === undefined) return [];
  const chosen: Uint8Array[] = [];
  let left = DKG_BYTES_MAX;
  for (const message of waiting) {
    const known = message.kind === "dkgDealing" ? dealingOf(record, message.dkgId, message.signer) : reviewOf(record, message.dkgId, message.signer);
    if (known !== undefined || message.bytes.length > left) continue;
    left -= message.bytes.length;
    chosen.push(message.bytes);
  }
  return chosen;
}

/** Each is of this interval's generations, in its phase, good, and not on chain yet (protocol digest §1.5). */
export function validateDkgSection(pool: PoolReader, judged: Judged, parent: BlockProposal, section: readonly Uint8Array[]): Result<void, ValidationError> {
  if (section.length === 0) return ok(undefined);
  if (section.reduce((sum, { length }) => sum + length, 0) > DKG_BYTES_MAX) return invalid("too much of key generation in a block");
  const summary = summaryOf(pool, parent), record = recordOf(pool, parent);
  if (summary === undefined || record === undefined) return err({ kind: "transient", reason: "the interval's chain is not at hand" });
  const isEarly = parent.height + 1 - summary.height <= dealingsEnd(judged.params.dkgIntervalLength), taken = new Set<string>();
  for (const bytes of section) {
    const decoded = decodeArtifact(bytes), message = decoded.ok ? decoded.value : undefined;
    if (message?.kind !== "dkgDealing" && message?.kind !== "dkgReview") return invalid("neither dealing nor review");
    if (message.version !== (judged.version ?? message.version)) return invalid("made by another replica version");
    if ((message.kind === "dkgDealing") !== isEarly) return invalid("dealings and reviews have their times");
    const name = `${message.signer} ${message.dkgId}`;
    if (taken.has(name) || (message.kind === "dkgDealing" ? dealingOf : reviewOf)(record, message.dkgId, message.signer) !== undefined) return invalid("already in the chain");
    taken.add(name);
    if (!(message.kind === "dkgDealing" ? isGoodDealing(judged, summary, message) : isGoodReview(judged, summary, record, message))) return invalid("bad dealing or review");
  }
  return ok(undefined);
}
