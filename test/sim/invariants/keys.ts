import type { BlockProposal, ConsensusArtifact } from "../../../src/replica/interfaces/consensus.ts";
import type { SignatureShare, Transcript } from "../../../src/replica/interfaces/crypto.ts";
import { rowOf } from "../../../src/replica/consensus/artifactRows.ts";
import { bytesFromHex, hexFromBytes } from "../../../src/replica/types/index.ts";
import type { Cluster } from "../cluster.ts";
import type { SimulatedNode } from "../simulatedNode.ts";
import { type Invariant, own } from "./invariant.ts";

/** The keys of all intervals that the chain has come to, by the height of their summary. */
interface Epochs { note(node: SimulatedNode): void; /** Those that sign in the middle of the interval of a height. */ at(height: number): readonly Transcript[]; all(): readonly Transcript[]; readonly newest: readonly Transcript[] }
function epochsOf({ keys }: Cluster, each: (summary: BlockProposal, transcripts: readonly Transcript[]) => void = () => undefined): Epochs {
  const starts = new Map<number, readonly Transcript[]>([[0, [keys.transcripts.low, keys.transcripts.high]]]), byId = new Map<string, Transcript>([keys.transcripts.low, keys.transcripts.high].map((one) => [one.id, one]));
  let seen: BlockProposal | undefined, newest: readonly Transcript[] = starts.get(0)!;
  return {
    note({ consensus: { pool } }) {
      const tip = pool.finalized(pool.finalizedHeight), summary = tip === undefined ? undefined : tip.block.payload.kind === "summary" ? tip : pool.finalized(tip.block.intervalStart);
      if (summary === undefined || summary === seen || starts.has(summary.height) || summary.block.payload.kind !== "summary") return;
      seen = summary;
      const { currentTranscripts, nextTranscripts } = summary.block.payload.dkg;
      starts.set(summary.height, currentTranscripts);
      newest = [...currentTranscripts, ...nextTranscripts];
      for (const transcript of newest) byId.set(transcript.id, transcript);
      each(summary, newest);
    },
    at: (height) => starts.get(Math.max(...[...starts.keys()].filter((start) => start < height)))!,
    all: () => [...byId.values()],
    get newest() { return newest; },
  };
}
const tagged = (transcripts: readonly Transcript[], tag: Transcript["tag"]): Transcript | undefined => transcripts.find((one) => one.tag === tag);

export const C1: Invariant = {
  name: "C1", says: "the public key of the subnet stays, however often it is dealt again",
  watch(cluster, say) {
    const first = hexFromBytes(cluster.keys.transcripts.high.publicCoefficients[0]!);
    const epochs = epochsOf(cluster, ({ height }, transcripts) => {
      for (const { tag, publicCoefficients } of transcripts) if (tag === "highThreshold" && hexFromBytes(publicCoefficients[0]!) !== first) say(`another key in the summary of ${height}`);
    });
    return { step: epochs.note };
  },
};

type Kind = "randomBeacon" | "certification";
const SAMPLED_EVERY = 13;
export const C2: Invariant = {
  name: "C2", says: "any t shares make the same signature, and fewer make none",
  watch(cluster, say) {
    const { verifier: { bls } } = cluster, epochs = epochsOf(cluster), shares = new Map<string, Map<string, { readonly signer: string; readonly signature: Uint8Array; readonly message: Uint8Array }>>(), wholes = new Map<string, Uint8Array>();
    const sampled = (at: number): boolean => at % SAMPLED_EVERY === 5;
    const judge = (name: string, whole: Uint8Array): void => {
      const [kind, height] = name.split(" ") as [Kind, string], transcript = tagged(epochs.at(Number(height)), kind === "randomBeacon" ? "lowThreshold" : "highThreshold");
      const found = [...shares.get(name)?.values() ?? []], placed: SignatureShare[] = found.map(({ signer, signature }) => ({ index: transcript!.committee.indexOf(signer as never), signature })).filter(({ index }) => index >= 0);
      if (transcript === undefined || placed.length < transcript.threshold) return;
      const { threshold, publicCoefficients } = transcript, message = found[0]!.message;
      for (const few of [placed.slice(0, threshold), placed.slice(-threshold)]) if (hexFromBytes(bls.combine(few)) !== hexFromBytes(whole)) say(`${threshold} shares of ${name} make another signature`);
      if (threshold > 1 && bls.verify(publicCoefficients[0]!, message, bls.combine(placed.slice(0, threshold - 1)))) say(`${threshold - 1} shares of ${name} are enough`);
    };
    return {
      step(node, sent) {
        epochs.note(node);
        for (const artifact of sent) {
          const { kind, height: at } = artifact, { dkgIntervalLength } = cluster.params, offset = at % (dkgIntervalLength + 1);
          if (!sampled(at) || offset < 3 || offset > dkgIntervalLength - 3) continue;
          if ((kind === "randomBeaconShare" || kind === "certificationShare") && own(node, artifact)) {
            const name = `${kind === "randomBeaconShare" ? "randomBeacon" : "certification"} ${at}`, known = shares.get(name) ?? new Map();
            shares.set(name, known.set(artifact.signer, { signer: artifact.signer, signature: artifact.signature, message: rowOf(kind).signedBytes(at, artifact as never, cluster.subnetId) }));
          }
          if (kind === "randomBeacon" || kind === "certification") wholes.set(`${kind} ${at}`, artifact.signature);
        }
      },
      end() { for (const [name, whole] of wholes) judge(name, whole); },
    };
  },
};

export const C3: Invariant = {
  name: "C3", says: "shares of one interval's key do not combine with those of another",
  watch(cluster, say) {
    const { verifier: { bls } } = cluster, epochs = epochsOf(cluster), message = new TextEncoder().encode("what both intervals sign");
    const signed = (transcript: Transcript): SignatureShare[] => transcript.committee.flatMap((member, index) => {
      const share = cluster.nodes.find((node) => node.id === member && cluster.isHonest(node.place))?.disk.shares[transcript.id];
      return share === undefined ? [] : [{ index, signature: bls.sign(bytesFromHex(share), message) }];
    });
    return {
      step: epochs.note,
      end() {
        const [older, newer] = epochs.newest.filter(({ tag }) => tag === "highThreshold");
        if (older === undefined || newer === undefined || older.id === newer.id) return;
        const { threshold, publicCoefficients } = newer, key = publicCoefficients[0]!, [old, fresh] = [signed(older), signed(newer)];
        if (fresh.length >= threshold && !bls.verify(key, message, bls.combine(fresh.slice(0, threshold)))) say(`${threshold} shares of one interval make no signature`);
        const mixed = [...fresh.slice(0, threshold - 1), ...old.filter(({ index }) => !fresh.slice(0, threshold - 1).some((one) => one.index === index)).slice(0, 1)];
        if (threshold > 1 && mixed.length === threshold && bls.verify(key, message, bls.combine(mixed))) say("a share of the interval before makes up for one that is missing");
      },
    };
  },
};

type Share = Extract<ConsensusArtifact, { readonly kind: `${string}Share` }>;
export const C4: Invariant = {
  name: "C4", says: "a share that is thrown out as bad is bad: who sent a good one is not blamed",
  watch(cluster, say) {
    const { verifier: { bls }, keys } = cluster, epochs = epochsOf(cluster);
    const isGood = (share: Share): boolean | undefined => {
      const member = keys.members.find(({ nodeId }) => nodeId === share.signer), message = rowOf(share.kind).signedBytes(share.height, share as never, cluster.subnetId);
      if (share.kind === "notarizationShare" || share.kind === "finalizationShare") return member !== undefined && bls.verify(member.multiSigPublicKey, message, share.signature);
      const offset = share.height % (cluster.params.dkgIntervalLength + 1), transcript = tagged(epochs.at(share.height), share.kind.startsWith("random") ? "lowThreshold" : "highThreshold"), index = transcript?.committee.indexOf(share.signer) ?? -1;
      return offset < 3 || transcript === undefined || index < 0 ? undefined : bls.verify(bls.shareKey(transcript.publicCoefficients, index), message, share.signature);
    };
    return {
      step: epochs.note,
      change(node, duty, changes) {
        if (duty !== "shareAggregator") return;
        for (const change of changes) {
          if (change.kind !== "removeInvalid" || !change.artifact.kind.endsWith("Share")) continue;
          const share = change.artifact as Share;
          if (isGood(share) === true) say(`node ${node.place} threw out a good ${share.kind} of ${share.height}`);
        }
      },
    };
  },
};

export const C9: Invariant = {
  name: "C9", says: "a node's key store holds its own shares and nobody else's",
  watch(cluster, say) {
    const { verifier: { bls } } = cluster, epochs = epochsOf(cluster), looked = new Map<number, SimulatedNode["disk"]["shares"]>();
    const keysOf = new Map<string, readonly string[]>();
    const inspect = ({ place, id, disk: { shares } }: SimulatedNode): void => {
      for (const [name, share] of Object.entries(shares)) {
        if (looked.get(place)?.[name] === share) continue;
        const key = hexFromBytes(bls.publicKey(bytesFromHex(share)));
        for (const transcript of epochs.all()) {
          const members = keysOf.get(transcript.id) ?? transcript.committee.map((_, index) => hexFromBytes(bls.shareKey(transcript.publicCoefficients, index)));
          keysOf.set(transcript.id, members);
          const index = members.indexOf(key);
          if (index >= 0 && transcript.committee[index] !== id) say(`node ${place} holds the share of another: ${transcript.id}`);
        }
      }
      looked.set(place, shares);
    };
    return { step(node) { epochs.note(node); if (looked.get(node.place) !== node.disk.shares) inspect(node); } };
  },
};

/** What no run can break, because the house has no threshold keys of canisters. */
export const ABSENT: readonly { readonly name: string; readonly says: string; readonly reason: string }[] = [
  { name: "C5", says: "offline derivation and online key agree for all schemes", reason: "No chain-key signatures are made by this replica: no key is derived online." },
  { name: "C6", says: "no nonce or pre-signature is used twice", reason: "No chain-key signatures are made by this replica: there are no pre-signatures." },
  { name: "C7", says: "the result of a signature request is a part of the replicated state at one height for all nodes", reason: "No chain-key signatures are made by this replica: there are no signature requests." },
  { name: "C8", says: "a vetKD answer for another transport key cannot be opened", reason: "No vetKD keys are dealt by this replica: there are no such answers." },
];
