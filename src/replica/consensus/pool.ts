import { type Height, type NodeId, type Time, height } from "../types/index.ts";
import type {
  ArtifactId, ArtifactKind, ArtifactOf, BlockHash, BlockProposal, CatchUpPackage, ConsensusArtifact, PoolChange, PoolReader, RandomBeacon,
} from "../interfaces/consensus.ts";
import { decodeArtifact } from "./artifactRows.ts";
import { createSection } from "./section.ts";

/** A node's artifacts and what follows from them. Only `apply` changes it; duties read it and answer with changes. */
export interface Pool extends PoolReader {
  /** Puts what another node sent into the unvalidated section; false when it is known already. */
  insert(artifact: ConsensusArtifact, now: Time, from: NodeId): boolean;
  /** Applies a change at a time. @returns what became valid, or undefined when nothing changed */
  apply(change: PoolChange, now: Time): { readonly validated?: ConsensusArtifact } | undefined;
  /** Whether so many artifacts of a kind and height that this node sent wait to be judged, whoever is said to have made them. */
  isFull(kind: ArtifactKind, height: Height, from: NodeId, most: number): boolean;
  readonly sizes: { readonly validated: number; readonly unvalidated: number };
  validatedAll<Kind extends ArtifactKind>(kind: Kind): readonly ArtifactOf<Kind>[];
}

interface Arrival { readonly at: Time; readonly from: NodeId }

export function createPool(genesis: { readonly proposal: BlockProposal; readonly beacon: RandomBeacon }, now: Time): Pool {
  const validated = createSection(), unvalidated = createSection();
  const proposals = new Map<BlockHash, BlockProposal>(), chain = new Map<Height, BlockProposal>(), beacons = new Map<Height, RandomBeacon>();
  const times = new Map<ArtifactId, Time>(), notarizedFirst = new Map<Height, Time>(), notarized = new Set<BlockHash>();
  const contested = new Set<Height>(), arrivals = new Map<ArtifactId, Arrival>();
  let notarizedHeight = height(0), finalizedHeight = height(0), beaconHeight = height(0), catchUpHeight = height(0);

  /** A finalized block finalizes its ancestors; the walk ends at what is final already, or where a restored chain begins. */
  const finalize = (hash: BlockHash): void => {
    const tip = proposals.get(hash);
    if (tip === undefined) return;
    for (let block: BlockProposal | undefined = tip; block !== undefined && chain.get(block.height) !== block; block = proposals.get(block.block.parent))
      chain.set(block.height, block);
    if (tip.height > finalizedHeight) finalizedHeight = tip.height;
  };
  const noteNotarized = (hash: BlockHash, at: Height, when: Time): void => {
    notarized.add(hash);
    if (!notarizedFirst.has(at)) notarizedFirst.set(at, when);
    if (at > notarizedHeight) notarizedHeight = at;
  };
  const noteBeacon = (beacon: RandomBeacon): void => {
    beacons.set(beacon.height, beacon);
    if (beacon.height > beaconHeight) beaconHeight = beacon.height;
  };
  /** A catch-up package brings its block, final, and its beacon (protocol digest §1.4, rule 11). */
  const noteCatchUp = (pack: CatchUpPackage, when: Time): void => {
    const block = decodeArtifact(pack.proposal), beacon = decodeArtifact(pack.beaconBytes);
    if (pack.height > catchUpHeight) catchUpHeight = pack.height;
    for (const inner of [beacon, block]) if (inner.ok && !validated.has(inner.value)) record(inner.value, when);
    noteNotarized(pack.content.block, pack.height, when);
    finalize(pack.content.block);
  };
  const record = (artifact: ConsensusArtifact, when: Time): boolean => {
    if (!validated.add(artifact)) return false;
    times.set(artifact.id, when);
    switch (artifact.kind) {
      case "blockProposal":
        proposals.set(artifact.hash, artifact);
        if (validated.at("blockProposal", artifact.height).length > 1) contested.add(artifact.height);
        for (const finalization of validated.at("finalization", artifact.height)) if (finalization.block === artifact.hash) finalize(artifact.hash);
        break;
      case "notarization": noteNotarized(artifact.block, artifact.height, when); break;
      case "finalization": finalize(artifact.block); break;
      case "randomBeacon": noteBeacon(artifact); break;
      case "catchUpPackage": noteCatchUp(artifact, when); break;
      default: break;
    }
    return true;
  };
  const forget = (artifact: ConsensusArtifact): void => {
    times.delete(artifact.id);
    if (artifact.kind === "blockProposal") {
      if (validated.at("blockProposal", artifact.height).length < 2) contested.delete(artifact.height);
      proposals.delete(artifact.hash);
      notarized.delete(artifact.hash);
      if (chain.get(artifact.height) === artifact) chain.delete(artifact.height);
    }
    if (artifact.kind === "notarization") { notarized.delete(artifact.block); notarizedFirst.delete(artifact.height); }
    if (artifact.kind === "randomBeacon") beacons.delete(artifact.height);
  };

  record(genesis.proposal, now);
  record(genesis.beacon, now);
  noteNotarized(genesis.proposal.hash, genesis.proposal.height, now);
  catchUpHeight = genesis.proposal.height;
  finalize(genesis.proposal.hash);

  return {
    get notarizedHeight() { return notarizedHeight; },
    get finalizedHeight() { return finalizedHeight; },
    get beaconHeight() { return beaconHeight; },
    get catchUpHeight() { return catchUpHeight; },
    at: validated.at, unvalidatedAt: unvalidated.at, unvalidated: unvalidated.all, validatedAll: validated.all,
    proposal: (hash) => proposals.get(hash),
    isNotarized: (hash) => notarized.has(hash),
    finalized: (at) => chain.get(at),
    beacon: (at) => beacons.get(at),
    contested: () => [...contested].sort((a, b) => a - b),
    validatedAt: (id) => times.get(id),
    roundStart(at) {
      const below = height(at - 1), first = notarizedFirst.get(below), beacon = beacons.get(below);
      const lit = beacon === undefined ? undefined : times.get(beacon.id);
      if (first === undefined || lit === undefined) return undefined;
      return first > lit ? first : lit;
    },
    receivedAt: (id) => arrivals.get(id)?.at,
    isFull: (kind, at, from, most) =>
      unvalidated.count(kind, at) >= most && unvalidated.at(kind, at).reduce((count, { id }) => (arrivals.get(id)?.from === from ? count + 1 : count), 0) >= most,
    insert(artifact, when, from) {
      if (validated.has(artifact) || !unvalidated.add(artifact)) return false;
      arrivals.set(artifact.id, { at: when, from });
      return true;
    },
    apply(change, when) {
      switch (change.kind) {
        case "wake": return undefined;
        case "removeInvalid":
          arrivals.delete(change.artifact.id);
          return unvalidated.remove(change.artifact) ? {} : undefined;
        case "removeValidated":
          if (!validated.remove(change.artifact)) return undefined;
          forget(change.artifact);
          return {};
        case "purgeBelow": {
          const section = change.section === "validated" ? validated : unvalidated;
          const removed = change.kinds.flatMap((kind) => section.purge(kind, change.height));
          if (change.section === "validated") removed.forEach(forget); else for (const { id } of removed) arrivals.delete(id);
          return undefined;
        }
        default:
          unvalidated.remove(change.artifact);
          arrivals.delete(change.artifact.id);
          return record(change.artifact, when) ? { validated: change.artifact } : undefined;
      }
    },
    get sizes() { return { validated: validated.size, unvalidated: unvalidated.size }; },
  };
}
