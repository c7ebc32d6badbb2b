import { type Height, type RegistryVersion, type SubnetId, type Time, height, hexFromBytes, principalBytes } from "../types/index.ts";
import { hashOf } from "../crypto/domain.ts";
import type { ArtifactId, Block, BlockHash, BlockProposal, RandomBeacon } from "../interfaces/consensus.ts";
import type { NodePublicKeys, Transcript } from "../interfaces/crypto.ts";
import { UNMARKED_VERSION, seal } from "./artifact.ts";
import { blockHash, blockProposalRow } from "./artifacts/blockProposal.ts";
import { randomBeaconRow } from "./artifacts/randomness.ts";
import { configsFor } from "./dkg/nextTranscripts.ts";
import { encodePayload } from "./payloadCodec.ts";

const NO_HASH = "0".repeat(64);

/**
 * Height 0 of a subnet, or the height at which the registry lets it begin again: a summary block that opens the first interval and a beacon that
 * follows from the subnet's id. Nobody signs them; every node makes the same ones from the registry's record of the subnet.
 */
export function createGenesis(options: {
  readonly subnetId: SubnetId; readonly time: Time; readonly registryVersion: RegistryVersion; readonly transcripts: { readonly low: Transcript; readonly high: Transcript };
  /** Absent: 0. The state of another one counts as certified. */
  readonly height?: Height;
  /** Who generates the keys after those. Absent: nobody, as on networks that are older than key generation. */
  readonly membership?: readonly NodePublicKeys[];
  /** Number of the replica version that the subnet begins with; absent: the unmarked one. */
  readonly version?: number;
}): { readonly proposal: BlockProposal; readonly beacon: RandomBeacon } {
  const { subnetId, registryVersion, transcripts, version = UNMARKED_VERSION } = options, at = options.height ?? height(0);
  const block: Block = {
    version, parent: NO_HASH as BlockHash, height: at, rank: 0, intervalStart: at, context: { registryVersion, certifiedHeight: at, time: options.time },
    payload: { kind: "summary", dkg: { registryVersion, currentTranscripts: [transcripts.low, transcripts.high], nextTranscripts: [], configs: configsFor(at, options.membership ?? [], transcripts.high) } },
  };
  const nobody = transcripts.low.committee[0]!;
  const proposal = seal(blockProposalRow, at, { block, hash: blockHash(block, encodePayload(block.payload)), signer: nobody, signature: new Uint8Array(0) }, version);
  const parent = hexFromBytes(hashOf("genesis_beacon_domain", Buffer.concat([principalBytes(subnetId), Buffer.from(at === 0 ? "" : String(at))]))) as ArtifactId;
  return { proposal, beacon: seal(randomBeaconRow, at, { parent, signature: new Uint8Array(0) }, version) };
}
