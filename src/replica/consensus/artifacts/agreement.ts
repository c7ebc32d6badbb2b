import { encodeCbor } from "../../codec/cbor.ts";
import { DOMAINS, separated } from "../../crypto/domain.ts";
import { type Height, type SubnetId, principalBytes } from "../../types/index.ts";
import type { BlockHash } from "../../interfaces/consensus.ts";
import { type ArtifactRow, UNMARKED_VERSION, defineArtifact } from "../artifact.ts";
import { asBytes, asHash, asIndices, asList, asNode, fromHex } from "../fields.ts";
import { verifyNotaries, verifyNotaryShare } from "./multiSignature.ts";

type ShareKind = "notarizationShare" | "finalizationShare";
type AggregateKind = "notarization" | "finalization";

const content = (domain: string) => (at: Height, { block }: { readonly block: BlockHash }, _?: SubnetId, version: number = UNMARKED_VERSION): Uint8Array => separated(domain, encodeCbor([version, at, fromHex(block)]));

function shareRow<Kind extends ShareKind>(kind: Kind, domain: string, hashDomain: string): ArtifactRow<Kind> {
  const signedBytes = content(domain);
  const row: ArtifactRow<ShareKind> = {
    kind, scope: "own", domain: hashDomain, signedBytes,
    encode: (_, { block, signer, signature }) => [fromHex(block), principalBytes(signer), signature],
    decode(_, parts) {
      const [block, signer, signature] = asList(parts, 3);
      return { block: asHash(block) as BlockHash, signer: asNode(signer), signature: asBytes(signature) };
    },
    verify: (share, context) => verifyNotaryShare(share.signer, signedBytes(share.height, share, undefined, share.version), share.signature, context),
  };
  return row as unknown as ArtifactRow<Kind>;
}

function aggregateRow<Kind extends AggregateKind>(kind: Kind, domain: string, hashDomain: string): ArtifactRow<Kind> {
  const signedBytes = content(domain);
  const row: ArtifactRow<AggregateKind> = {
    kind, scope: "relayed", domain: hashDomain, signedBytes,
    encode: (_, { block, signers, signature }) => [fromHex(block), signers, signature],
    decode(_, parts) {
      const [block, signers, signature] = asList(parts, 3);
      return { block: asHash(block) as BlockHash, signers: asIndices(signers), signature: asBytes(signature) };
    },
    verify: (aggregate, context) => verifyNotaries(aggregate.signers, signedBytes(aggregate.height, aggregate, undefined, aggregate.version), aggregate.signature, context),
  };
  return row as unknown as ArtifactRow<Kind>;
}

export const notarizationShareRow = defineArtifact(shareRow("notarizationShare", DOMAINS.notarization, "notarization_share_domain"));
export const notarizationRow = defineArtifact(aggregateRow("notarization", DOMAINS.notarization, "notarization_domain"));
export const finalizationShareRow = defineArtifact(shareRow("finalizationShare", DOMAINS.finalization, "finalization_share_domain"));
export const finalizationRow = defineArtifact(aggregateRow("finalization", DOMAINS.finalization, "finalization_domain"));
