import { type Height, hexFromBytes, height } from "../types/index.ts";
import type { ArtifactId, ArtifactKind, ArtifactOf, PoolChange, PoolReader } from "../interfaces/consensus.ts";
import type { Transcript } from "../interfaces/crypto.ts";
import { type Content, seal } from "./artifact.ts";
import type { Committee } from "./committee.ts";
import { rowOf } from "./artifactRows.ts";
import { type Duty, type DutyContext, beaconBelow, verifyContext } from "./duty.ts";
import { catchUpContentOf } from "./catchUpPackageMaker.ts";
import { pendingSummaries } from "./summary.ts";

/**
 * Rule 5, optimistically (design D8): shares are combined before any of them is checked, and the aggregate is checked once. Only when it does not
 * verify are the shares looked at one by one, and the bad ones thrown out; the next pass tries again with the rest.
 */

type ShareKind = "notarizationShare" | "finalizationShare" | "randomBeaconShare" | "randomTapeShare" | "certificationShare" | "catchUpPackageShare";
type Share = ArtifactOf<ShareKind>;
type Combined = { readonly kind: "combined"; readonly signature: Uint8Array; readonly signers: readonly number[] } | { readonly kind: "bad"; readonly shares: readonly Share[] };

interface Message { readonly bytes: Uint8Array; readonly key: string }
const messages = new WeakMap<Share, Message>();
/** What a share signs; the subnet is not part of it for any kind of share. */
function messageOf(share: Share, { subnetId }: DutyContext): Message {
  const known = messages.get(share);
  if (known !== undefined) return known;
  const bytes = rowOf(share.kind).signedBytes(share.height, share as unknown as Content<ShareKind>, subnetId, share.version), message = { bytes, key: hexFromBytes(bytes) };
  messages.set(share, message);
  return message;
}

interface Group { readonly message: Uint8Array; readonly shares: readonly Share[] }
/** Lists of a pool stay the same objects until something is added or leaves. */
const groupings = new WeakMap<readonly Share[], WeakMap<readonly Share[], readonly Group[]>>();
/** Shares of a height by what they sign: one for each signer, the validated ones first. */
function grouped(validated: readonly Share[], unvalidated: readonly Share[], duty: DutyContext): readonly Group[] {
  const beside = groupings.get(validated) ?? new WeakMap<readonly Share[], readonly Group[]>(), before = beside.get(unvalidated);
  if (before !== undefined) return before;
  const groups = new Map<string, { message: Uint8Array; shares: Map<string, Share> }>();
  for (const share of [...validated, ...unvalidated]) {
    const { bytes, key } = messageOf(share, duty);
    const group = groups.get(key) ?? { message: bytes, shares: new Map<string, Share>() };
    groups.set(key, group);
    if (!group.shares.has(share.signer)) group.shares.set(share.signer, share);
  }
  const made = [...groups.values()].map(({ message, shares }) => ({ message, shares: [...shares.values()] }));
  groupings.set(validated, beside.set(unvalidated, made));
  return made;
}

function combineThreshold({ verifier }: DutyContext, transcript: Transcript, message: Uint8Array, shares: readonly Share[]): Combined | undefined {
  const placed = shares.map((share) => ({ share, index: transcript.committee.indexOf(share.signer), signature: share.signature }));
  const outsiders = placed.filter(({ index }) => index < 0).map(({ share }) => share);
  if (outsiders.length > 0) return { kind: "bad", shares: outsiders };
  if (placed.length < transcript.threshold) return undefined;
  const outcome = verifier.combineShares(transcript, message, placed);
  if (outcome.kind === "combined") return { ...outcome, signers: [] };
  return { kind: "bad", shares: placed.filter(({ index }) => outcome.indices.includes(index)).map(({ share }) => share) };
}

function combineNotaries(pool: PoolReader, duty: DutyContext, message: Uint8Array, at: Height, shares: readonly Share[]): Combined | undefined {
  const { verifier } = duty, beacon = beaconBelow(pool, at), committee = duty.committeeAt(at), context = verifyContext(pool, duty, at);
  if (beacon === undefined || committee === undefined || context === undefined) return undefined;
  const outsiders = shares.filter((share) => !committee.isNotary(share.signer, beacon));
  if (outsiders.length > 0) return { kind: "bad", shares: outsiders };
  if (shares.length < committee.sizes.notarization) return undefined;
  const used = [...shares.slice(0, committee.sizes.notarization)].sort((a, b) => committee.indexOf(a.signer) - committee.indexOf(b.signer));
  const signers = used.map((share) => committee.indexOf(share.signer));
  const signature = aggregate(duty, used.map((share) => share.signature));
  const key = verifier.aggregateKey(signers.map((index) => committee.members[index]!.multiSigPublicKey));
  // The sum of valid signatures is valid under the sum of their keys.
  if (signature !== undefined && used.every((share, i) => verifier.isKnown(committee.members[signers[i]!]!.multiSigPublicKey, message, share.signature))) verifier.recordBls(key, message, signature);
  if (signature !== undefined && verifier.verifyBls(key, message, signature)) return { kind: "combined", signature, signers };
  return { kind: "bad", shares: shares.filter((share) => !rowOf(share.kind).verify(share as never, context)) };
}

function aggregate({ verifier }: DutyContext, signatures: readonly Uint8Array[]): Uint8Array | undefined {
  if (signatures.length === 1) return signatures[0];
  try { return verifier.bls.aggregateSignatures(signatures); } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Which shares are wanted at all: the heights of each kind, what a share must say there, and the aggregate that comes of it. */
interface Wanted { readonly kind: ShareKind; readonly at: Height; accepts(share: Share): boolean; finish(share: Share, combined: { readonly signature: Uint8Array; readonly signers: readonly number[] }): ArtifactOf<ArtifactKind> }

function wantedAgreements(pool: PoolReader, { version }: DutyContext): Wanted[] {
  const wanted: Wanted[] = [];
  for (let h = pool.finalizedHeight + 1; h <= pool.notarizedHeight + 1; h++) {
    const at = height(h);
    const has = (kind: "notarization" | "finalization", block: string): boolean => pool.at(kind, at).some((known) => known.block === block);
    wanted.push({
      kind: "notarizationShare", at,
      accepts: (share) => share.kind === "notarizationShare" && pool.proposal(share.block)?.height === at && !has("notarization", share.block),
      finish: (share, { signers, signature }) => seal(rowOf("notarization"), at, { block: (share as ArtifactOf<"notarizationShare">).block, signers, signature }, version),
    });
    if (h > pool.notarizedHeight) continue;
    wanted.push({
      kind: "finalizationShare", at,
      accepts: (share) => share.kind === "finalizationShare" && pool.isNotarized(share.block) && pool.proposal(share.block)?.height === at && !has("finalization", share.block),
      finish: (share, { signers, signature }) => seal(rowOf("finalization"), at, { block: (share as ArtifactOf<"finalizationShare">).block, signers, signature }, version),
    });
  }
  return wanted;
}

function wantedRandomness(pool: PoolReader, { expectedBatchHeight, version }: DutyContext): Wanted[] {
  const parent = pool.beacon(pool.beaconHeight), next = height(pool.beaconHeight + 1);
  const wanted: Wanted[] = parent === undefined ? [] : [{
    kind: "randomBeaconShare", at: next, accepts: (share) => share.kind === "randomBeaconShare" && share.parent === parent.id,
    finish: (_, { signature }) => seal(rowOf("randomBeacon"), next, { parent: parent.id as ArtifactId, signature }, version),
  }];
  // Below a catch-up package nobody makes shares any more.
  for (let h = Math.max(expectedBatchHeight, pool.catchUpHeight + 1); h <= pool.finalizedHeight + 1; h++) {
    const at = height(h);
    if (pool.at("randomTape", at).length === 0)
      wanted.push({ kind: "randomTapeShare", at, accepts: () => true, finish: (_, { signature }) => seal(rowOf("randomTape"), at, { signature }, version) });
  }
  return wanted;
}

function wantedStates(pool: PoolReader, duty: DutyContext): Wanted[] {
  const wanted: Wanted[] = duty.stateInfo.hashesToCertify().filter(({ height: at, hash }) => !pool.at("certification", at).some((known) => Buffer.compare(known.hash, hash) === 0)).map(({ height: at, hash }) => ({
    kind: "certificationShare", at, accepts: (share) => share.kind === "certificationShare" && hexFromBytes(share.hash) === hexFromBytes(hash),
    finish: (_, { signature }) => seal(rowOf("certification"), at, { hash, signature }),
  }));
  for (const summary of pendingSummaries(pool)) {
    const at = summary.height;
    // Whoever signed one knows its own content there.
    const content = pool.at("catchUpPackageShare", at).length === 0 ? undefined : catchUpContentOf(pool, duty, summary), beacon = pool.beacon(at);
    if (content === undefined || beacon === undefined) continue;
    const own = rowOf("catchUpPackageShare").signedBytes(at, { content, signer: summary.signer, signature: new Uint8Array(0) }, duty.subnetId, duty.version);
    wanted.push({
      kind: "catchUpPackageShare", at,
      accepts: (share) => share.kind === "catchUpPackageShare" && Buffer.compare(rowOf("catchUpPackageShare").signedBytes(at, share, duty.subnetId, share.version), own) === 0,
      finish: (_, { signature }) => seal(rowOf("catchUpPackage"), at, { content, proposal: summary.bytes, beaconBytes: beacon.bytes, signature }, duty.version),
    });
  }
  return wanted;
}

const transcriptOf = (kind: ShareKind, { low, high }: Committee): Transcript | undefined => {
  if (kind === "randomBeaconShare" || kind === "randomTapeShare") return low;
  return kind === "certificationShare" || kind === "catchUpPackageShare" ? high : undefined;
};

export const shareAggregator: Duty = {
  name: "shareAggregator",
  onStateChange(pool, duty) {
    const changes: PoolChange[] = [];
    for (const wanted of [...wantedAgreements(pool, duty), ...wantedRandomness(pool, duty), ...wantedStates(pool, duty)]) {
      const validated: readonly Share[] = pool.at(wanted.kind, wanted.at), unvalidated: readonly Share[] = pool.unvalidatedAt(wanted.kind, wanted.at);
      if (validated.length + unvalidated.length === 0) continue;
      const committee = duty.committeeAt(wanted.at);
      if (committee === undefined) continue;
      for (const { message, shares } of grouped(validated, unvalidated, duty)) {
        const [first] = shares;
        if (first === undefined || !wanted.accepts(first)) continue;
        const transcript = transcriptOf(wanted.kind, committee);
        const combined = transcript === undefined ? combineNotaries(pool, duty, message, wanted.at, shares) : combineThreshold(duty, transcript, message, shares);
        if (combined?.kind === "combined") changes.push({ kind: "addToValidated", artifact: wanted.finish(first, combined) });
        if (combined?.kind === "bad") for (const share of combined.shares) changes.push({ kind: "removeInvalid", artifact: share, reason: "bad signature share" });
      }
    }
    return changes;
  },
};
