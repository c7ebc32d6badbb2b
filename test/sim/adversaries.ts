import type { ArtifactKind, BlockProposal, ConsensusArtifact, PoolChange } from "../../src/replica/interfaces/consensus.ts";
import { seal } from "../../src/replica/consensus/artifact.ts";
import { rowOf } from "../../src/replica/consensus/artifactRows.ts";
import { blockHash, blockMetadata } from "../../src/replica/consensus/artifacts/blockProposal.ts";
import { dkgDealer } from "../../src/replica/consensus/dkg/dealer.ts";
import { blockMaker } from "../../src/replica/consensus/blockMaker.ts";
import { finalizer } from "../../src/replica/consensus/finalizer.ts";
import type { Duty, DutyContext } from "../../src/replica/consensus/duty.ts";
import { encodePayload } from "../../src/replica/consensus/payloadCodec.ts";
import { height, registryVersion, time } from "../../src/replica/types/index.ts";
import type { Chance } from "./chance.ts";
import type { Role } from "./cluster.ts";
import type { SimulatedNode } from "./simulatedNode.ts";

/** Actors that speak the real protocol and do not keep its rules. `note` counts what they did. */
export interface Acting { readonly chance: Chance; note(): void; /** Places of the others. */ readonly others: readonly number[] }
export interface Adversary { readonly name: string; /** Whether it is about the blocks that it makes: one such lie is enough for a node. */ readonly makes?: true; role(acting: Acting): Role }

export const resigned = (proposal: BlockProposal, change: Partial<BlockProposal["block"]>, { keys, subnetId }: DutyContext): BlockProposal => {
  const block = { ...proposal.block, ...change }, hash = blockHash(block, encodePayload(block.payload)), { height: at, signer } = proposal;
  return seal(rowOf("blockProposal"), at, { block, hash, signer, signature: keys.signBasic(blockMetadata(hash, at, subnetId)) });
};
/** The real block maker, with something else in place of its proposals. */
export const makingInstead = (instead: (proposal: BlockProposal, duty: DutyContext) => readonly BlockProposal[]): Duty => ({
  name: "blockMaker",
  onStateChange: (pool, duty) => blockMaker.onStateChange(pool, duty).flatMap((change): PoolChange[] => change.kind === "addToValidated" && change.artifact.kind === "blockProposal"
    ? instead(change.artifact, duty).map((artifact) => ({ kind: "addToValidated", artifact })) : [change]),
});

/** Signs a second, different block whenever it makes one. */
export const equivocatingBlockMaker: Duty = makingInstead((first, duty) =>
  [first, resigned(first, { context: { ...first.block.context, time: time(first.block.context.time + 1n) } }, duty)]);

/** "Notarize all": signs every block that it sees in the round, also equivocations. */
export const notarizeAll: Duty = {
  name: "notary",
  onStateChange(pool, { nodeId, subnetId, keys }) {
    const at = height(pool.notarizedHeight + 1);
    return [...pool.at("blockProposal", at), ...pool.unvalidatedAt("blockProposal", at)]
      .filter(({ hash }) => !pool.at("notarizationShare", at).some((share) => share.signer === nodeId && share.block === hash)).map(({ hash: block }) => {
        const signature = keys.signMulti(rowOf("notarizationShare").signedBytes(at, { block, signer: nodeId, signature: new Uint8Array(0) }, subnetId));
        return { kind: "addToValidated", artifact: seal(rowOf("notarizationShare"), at, { block, signer: nodeId, signature }) };
      });
  },
};

/** "Finalize all": signs every notarized block. */
export const finalizeAll: Duty = {
  name: "finalizer",
  onStateChange(pool, { nodeId, subnetId, keys }) {
    const changes: PoolChange[] = [];
    for (let h = pool.finalizedHeight + 1; h <= pool.notarizedHeight; h++) {
      const at = height(h);
      for (const { block } of pool.at("notarization", at)) {
        if (pool.at("finalizationShare", at).some((share) => share.signer === nodeId && share.block === block)) continue;
        const signature = keys.signMulti(rowOf("finalizationShare").signedBytes(at, { block, signer: nodeId, signature: new Uint8Array(0) }, subnetId));
        changes.push({ kind: "addToValidated", artifact: seal(rowOf("finalizationShare"), at, { block, signer: nodeId, signature }) });
      }
    }
    return changes;
  },
};

export const silentNotary: Duty = { name: "notary", onStateChange: () => [] };

/** The fault of a forgetful programmer: finalizes without asking what this node has notarized. Not an adversary, a bug to be caught. */
export const forgetfulFinalizer: Duty = {
  name: "finalizer",
  onStateChange(pool, duty) {
    const blind: typeof pool = Object.create(pool, {
      at: { value: (kind: ConsensusArtifact["kind"], at: number) => (kind === "notarizationShare" ? [] : pool.at(kind, height(at))) },
    });
    return finalizer.onStateChange(blind, duty);
  },
};

const isShare = ({ kind }: ConsensusArtifact): boolean => kind.endsWith("Share");
export const flipped = (bytes: Uint8Array): Uint8Array => { const copy = bytes.slice(); copy[copy.length - 1]! ^= 1; return copy; };
const noting = (duty: Duty, note: () => void): Duty => ({
  name: duty.name,
  onStateChange(pool, context) {
    const changes = duty.onStateChange(pool, context);
    for (const change of changes) if (change.kind === "addToValidated") note();
    return changes;
  },
});

/** Artifacts of heights that nobody has come to, of every kind that can be made up. */
function farFuture({ id, consensus: { heights } }: SimulatedNode, chance: Chance): Uint8Array {
  const at = height(heights.notarized + 2 + chance.below(400)), signature = new Uint8Array(48).fill(chance.below(256)), block = "ab".repeat(31) + chance.below(256).toString(16).padStart(2, "0") as never;
  const kinds: readonly (() => ConsensusArtifact)[] = [
    () => seal(rowOf("notarizationShare"), at, { block, signer: id, signature }), () => seal(rowOf("finalizationShare"), at, { block, signer: id, signature }),
    () => seal(rowOf("randomTapeShare"), at, { signer: id, signature }), () => seal(rowOf("randomBeaconShare"), at, { parent: block, signer: id, signature }),
    () => seal(rowOf("randomTape"), at, { signature }), () => seal(rowOf("notarization"), at, { block, signers: [0, 1, 2], signature }),
    () => seal(rowOf("certificationShare"), at, { hash: Buffer.from(block, "hex") as never, signer: id, signature }),
  ];
  return chance.pick(kinds)().bytes;
}

/** Shares and proofs in the names of others, at heights that matter now. */
function impersonation({ consensus: { heights, pool } }: SimulatedNode, names: readonly string[], chance: Chance): Uint8Array {
  const at = height(heights.notarized + 1), signer = chance.pick(names) as never, signature = new Uint8Array(48).fill(1 + chance.below(255)), [proposal] = pool.at("blockProposal", at);
  const block = (proposal?.hash ?? "cd".repeat(32)) as never, other = "00".repeat(32) as never, parent = pool.beacon(pool.beaconHeight)!.id;
  const proof = { hash: block, signature: proposal?.signature ?? new Uint8Array(64) };
  const kinds: readonly (() => ConsensusArtifact)[] = [
    () => seal(rowOf("notarizationShare"), at, { block, signer, signature }), () => seal(rowOf("randomTapeShare"), height(heights.finalized + 1), { signer, signature }),
    () => seal(rowOf("randomBeaconShare"), height(pool.beaconHeight + 1), { parent, signer, signature }),
    () => seal(rowOf("equivocationProof"), at, { signer: proposal?.signer ?? signer, first: { hash: other, signature: new Uint8Array(64).fill(7) }, second: proof }),
  ];
  return chance.pick(kinds)().bytes;
}

const KINDS: readonly ArtifactKind[] = ["notarizationShare", "finalizationShare", "randomBeaconShare", "randomTapeShare", "certificationShare", "catchUpPackageShare"];

/** Another digit in the first message that a slice shows, or in its last byte when it shows none. */
function forged(certificate: Uint8Array): Uint8Array {
  const copy = Buffer.from(certificate), at = copy.indexOf("[");
  if (at < 0 || at + 1 >= copy.length) return flipped(certificate);
  copy[at + 1] = copy[at + 1] === 0x37 ? 0x38 : 0x37;
  return new Uint8Array(copy);
}

/** Own blocks without a slice. */
const MADE_UP_AFTER = 3;

/** What a member of the subnet may do to the others. Each run draws some. */
export const ADVERSARIES: readonly Adversary[] = [
  { name: "equivocate", makes: true, role: ({ note, chance, others }) => {
    const half = new Set(chance.some(others, Math.ceil(others.length / 2)));
    return {
      duties: [noting(equivocatingBlockMaker, note)],
      tamper: (artifact, to) => artifact.kind !== "blockProposal" || (artifact.block.context.time % 2n === 0n) === half.has(to) ? artifact.bytes : undefined,
    };
  } },
  { name: "silentMaker", makes: true, role: ({ note }) => ({ duties: [makingInstead(() => { note(); return []; })] }) },
  { name: "withhold", role: ({ note, chance, others }) => {
    const kinds = new Set(chance.some(KINDS, 3)), told = new Set(chance.some(others, Math.floor(others.length / 3)));
    return { tamper(artifact, to) {
      if (!isShare(artifact) || !kinds.has(artifact.kind) || told.has(to)) return artifact.bytes;
      note();
      return undefined;
    } };
  } },
  { name: "invalidShares", role: ({ note, chance }) => ({ tamper(artifact) {
    if (!isShare(artifact) || chance.hit(500)) return artifact.bytes;
    note();
    return flipped(artifact.bytes);
  } }) },
  { name: "invalidAggregates", role: ({ note, chance }) => ({ tamper(artifact) {
    if (isShare(artifact) || artifact.kind === "blockProposal" || chance.hit(300)) return artifact.bytes;
    note();
    return flipped(artifact.bytes);
  } }) },
  { name: "everything", role: ({ note }) => ({ duties: [noting(notarizeAll, note), noting(finalizeAll, note)] }) },
  { name: "floodFuture", role: ({ note, chance }) => ({ mischief: (node) => Array.from({ length: 3 }, () => { note(); return { bytes: farFuture(node, chance) }; }) }) },
  { name: "impersonate", role: ({ note, chance }) => ({ mischief(node) {
    note();
    return [{ bytes: impersonation(node, node.peers, chance) }];
  } }) },
  { name: "backdate", makes: true, role: ({ note, chance }) => ({ duties: [makingInstead((proposal, duty) => {
    note();
    const { context } = proposal.block;
    return [resigned(proposal, { context: chance.pick([
      { ...context, time: time(context.time - 60_000_000_000n) }, { ...context, certifiedHeight: proposal.height }, { ...context, certifiedHeight: height(0) },
      { ...context, time: time(context.time + 3_600_000_000_000n) }, { ...context, registryVersion: registryVersion(context.registryVersion + 1) },
    ]) }, duty)];
  })] }) },
  { name: "wrongRank", makes: true, role: ({ note }) => ({ duties: [makingInstead((proposal, duty) => { note(); return [resigned(proposal, { rank: proposal.block.rank + 1 }, duty)]; })] }) },
  { name: "wrongInterval", makes: true, role: ({ note }) => ({ duties: [makingInstead((proposal, duty) => { note(); return [resigned(proposal, { intervalStart: height(Math.max(0, proposal.block.intervalStart - 1)) }, duty)]; })] }) },
  { name: "forgeSlice", makes: true, role: ({ note }) => {
    let without = 0;
    return { duties: [makingInstead((proposal, duty) => {
      const { payload } = proposal.block;
      if (payload.kind === "summary") return [proposal];
      // One whose blocks have no slices makes one up in the end.
      const { xnet } = payload.batch, forgeries = xnet.length > 0 ? xnet.map((slice) => ({ ...slice, certificate: forged(slice.certificate) })) : ++without === MADE_UP_AFTER ? [{ source: duty.subnetId, certificate: new Uint8Array(64).fill(7) }] : [];
      if (forgeries.length === 0) return [proposal];
      note();
      return [resigned(proposal, { payload: { ...payload, batch: { ...payload.batch, xnet: forgeries } } }, duty)];
    })] };
  } },
  { name: "badIngress", makes: true, role: ({ note, chance }) => ({ duties: [makingInstead((proposal, duty) => {
    const { payload } = proposal.block;
    if (payload.kind === "summary") return [proposal];
    const [first] = payload.batch.ingress, ingress = chance.pick([[...payload.batch.ingress, Buffer.from("not:signed:by:anybody:")], first === undefined ? [new Uint8Array(3)] : [first, first]]);
    note();
    return [resigned(proposal, { payload: { ...payload, batch: { ...payload.batch, ingress } } }, duty)];
  })] }) },
  { name: "badDealing", role: ({ note, chance }) => ({ duties: [{
    name: "dkgDealer",
    onStateChange: (pool, duty) => dkgDealer.onStateChange(pool, duty).flatMap((change): PoolChange[] => {
      if (change.kind !== "addToValidated" || change.artifact.kind !== "dkgDealing") return [change];
      note();
      const { dealing, ...rest } = change.artifact, sealed = dealing.sealed.map(flipped), content = { ...rest, dealing: { ...dealing, sealed } };
      const signature = duty.keys.signBasic(rowOf("dkgDealing").signedBytes(rest.height, { ...content, signature: new Uint8Array(0) }, duty.subnetId));
      const bad: PoolChange = { kind: "addToValidated", artifact: seal(rowOf("dkgDealing"), rest.height, { ...content, signature }) };
      return chance.hit(500) ? [bad] : [bad, change]; // alone, or beside a good one
    }),
  }] }) },
];
export const adversary = (name: string): Adversary => ADVERSARIES.find((known) => known.name === name)!;

/** Several ways to lie at once: of two duties of a name the first counts. */
export function combined(roles: readonly Role[]): Role {
  const duties = new Map<string, Duty>();
  for (const role of roles) for (const duty of role.duties ?? []) if (!duties.has(duty.name)) duties.set(duty.name, duty);
  const tampering = roles.filter(({ tamper }) => tamper !== undefined), mischievous = roles.filter(({ mischief }) => mischief !== undefined);
  return {
    duties: [...duties.values()],
    ...(tampering.length > 0 && { tamper: (artifact: ConsensusArtifact, to: number) => {
      for (const { tamper } of tampering) { const bytes = tamper!(artifact, to); if (bytes !== artifact.bytes) return bytes; }
      return artifact.bytes;
    } }),
    ...(mischievous.length > 0 && { mischief: (node: SimulatedNode) => mischievous.flatMap(({ mischief }) => mischief!(node)) }),
  };
}
