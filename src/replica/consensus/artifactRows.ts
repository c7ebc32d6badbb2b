import type { ArtifactKind } from "../interfaces/consensus.ts";
import { type ArtifactRow, createArtifactCodec } from "./artifact.ts";
import { finalizationRow, finalizationShareRow, notarizationRow, notarizationShareRow } from "./artifacts/agreement.ts";
import { blockProposalRow } from "./artifacts/blockProposal.ts";
import { catchUpPackageRow, catchUpPackageShareRow } from "./artifacts/catchUpPackage.ts";
import { certificationRow, certificationShareRow } from "./artifacts/certification.ts";
import { equivocationProofRow } from "./artifacts/equivocationProof.ts";
import { dkgDealingRow, dkgReviewRow } from "./artifacts/keyGeneration.ts";
import { randomBeaconRow, randomBeaconShareRow, randomTapeRow, randomTapeShareRow } from "./artifacts/randomness.ts";

/** All kinds of consensus artifacts. */
export const ARTIFACT_ROWS = [
  blockProposalRow, notarizationShareRow, notarizationRow, finalizationShareRow, finalizationRow, randomBeaconShareRow, randomBeaconRow,
  randomTapeShareRow, randomTapeRow, certificationShareRow, certificationRow, catchUpPackageShareRow, catchUpPackageRow, equivocationProofRow,
  dkgDealingRow, dkgReviewRow,
] as unknown as readonly ArtifactRow<ArtifactKind>[];

const codec = createArtifactCodec(ARTIFACT_ROWS);
export const rowOf = codec.rowOf;
/** Bytes from the network or the journal → artifact; fails for anything but canonical bytes of a known kind. */
export const decodeArtifact = codec.decode;
