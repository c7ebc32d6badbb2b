import { type CborValue, encodeCbor } from "../../codec/cbor.ts";
import { DOMAINS, hashOf, separated } from "../../crypto/domain.ts";
import { type Height, type SubnetId, hexFromBytes, height, principalBytes, registryVersion, time } from "../../types/index.ts";
import type { Block, BlockHash } from "../../interfaces/consensus.ts";
import { UNMARKED_VERSION, defineArtifact } from "../artifact.ts";
import { Malformed, asBytes, asCount, asHash, asList, asNat64, asNode, fromHex } from "../fields.ts";
import { decodePayload, encodePayload, payloadHash } from "../payloadCodec.ts";

const header = (block: Block, payloadBytes: Uint8Array): readonly CborValue[] => [
  block.version, fromHex(block.parent), payloadHash(payloadBytes), block.height, block.rank, block.context.registryVersion, block.context.certifiedHeight,
  block.context.time, block.intervalStart,
];

/** The hash that notaries sign: of the header, which holds the payload's hash. */
export const blockHash = (block: Block, payloadBytes: Uint8Array): BlockHash => hexFromBytes(hashOf("block_domain", encodeCbor(header(block, payloadBytes)))) as BlockHash;

/**
 * `BlockMetadata { block hash, height, subnet }`: what a block maker signs; in other replica versions than the unmarked one with the version, so that
 * a block from before an upgrade and one of the same height after it prove nothing against their maker.
 */
export const blockMetadata = (hash: BlockHash, at: Height, subnetId: SubnetId, version: number = UNMARKED_VERSION): Uint8Array =>
  separated(DOMAINS.blockMetadata, encodeCbor([fromHex(hash), at, principalBytes(subnetId), ...(version === UNMARKED_VERSION ? [] : [version])]));

/** A block with its maker's signature; a Byzantine maker may sign several of one height. */
export const blockProposalRow = defineArtifact({
  kind: "blockProposal", scope: "relayed", domain: "block_proposal_domain",
  encode(_, { block, hash, signer, signature }) {
    const payloadBytes = encodePayload(block.payload);
    return [header(block, payloadBytes), fromHex(hash), payloadBytes, principalBytes(signer), signature];
  },
  decode(at, parts, made) {
    const [fields, hash, payload, signer, signature] = asList(parts, 5);
    const [version, parent, hashed, own, rank, registry, certified, nanoseconds, intervalStart] = asList(fields, 9);
    const payloadBytes = asBytes(payload);
    if (asCount(own) !== at || asHash(hashed) !== hexFromBytes(payloadHash(payloadBytes))) throw new Malformed("header does not fit the block");
    if (asCount(version) !== made) throw new Malformed("block of another version than its proposal");
    const block: Block = {
      version: asCount(version), parent: asHash(parent) as BlockHash, height: at, rank: asCount(rank), intervalStart: height(asCount(intervalStart)),
      context: { registryVersion: registryVersion(asCount(registry)), certifiedHeight: height(asCount(certified)), time: time(asNat64(nanoseconds)) },
      payload: decodePayload(payloadBytes),
    };
    if (blockHash(block, payloadBytes) !== asHash(hash)) throw new Malformed("hash does not fit the block");
    return { block, hash: asHash(hash) as BlockHash, signer: asNode(signer), signature: asBytes(signature) };
  },
  signedBytes: (at, { hash }, subnetId, version) => blockMetadata(hash, at, subnetId, version),
  verify(proposal, { committee, verifier, beacon, subnetId }) {
    const maker = committee.members[committee.indexOf(proposal.signer)];
    if (maker === undefined || beacon === undefined || committee.rankOf(proposal.signer, beacon) !== proposal.block.rank) return false;
    return verifier.verifyBasic(maker.publicKey, blockMetadata(proposal.hash, proposal.height, subnetId, proposal.version), proposal.signature);
  },
});
