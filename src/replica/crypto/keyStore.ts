import { createHash } from "node:crypto";
import { createSeededRng } from "../runtime/seededRng.ts";
import { type NodeId, assert, bytesFromHex, createCache, hexFromBytes } from "../types/index.ts";
import type { DkgConfig, NodeKeys, Transcript } from "./bls.ts";
import { checkShare, checkTogether, sealedDealing } from "./dealing.ts";
import { ed25519Key } from "./ed25519.ts";
import { makeOpening } from "./opening.ts";
import { encryptionKeyOf, openSealed } from "./sealing.ts";
import { openingLabel, shareOf } from "./transcript.ts";
import { DOMAINS, separated } from "./domain.ts";
import type { AheadSigner } from "./signAhead.ts";
import type { Verifier } from "./verifier.ts";

/** Everything secret that one node holds: plain data, hex, so that it can be written to disk and read back. Never another node's share. */
export interface KeyStore {
  readonly nodeId: NodeId;
  /** Seed of the Ed25519 node key. */
  readonly basic: string;
  readonly multiSig: string;
  /** Secret of the X25519 key that shares are sealed with; what the node deals comes from it too. Absent: older than key generation. */
  readonly encryption?: string;
  /** By transcript id. */
  readonly shares: Readonly<Record<string, string>>;
}

/** What the registry says of a node (protocol digest §1.2): keys, and a proof that it holds the secret of the second one. */
export interface NodePublicKeys {
  readonly nodeId: NodeId;
  /** DER, Ed25519. */
  readonly publicKey: Uint8Array;
  readonly multiSigPublicKey: Uint8Array;
  readonly proofOfPossession: Uint8Array;
  /** X25519, 32 bytes: shares are sealed with it. Absent: the node takes no part in key generation. */
  readonly encryptionKey?: Uint8Array;
}

/** Whether the multi-signature key may be summed with others: without the proof a rogue key could cancel them. */
export const checkProofOfPossession = (verifier: Verifier, keys: NodePublicKeys): boolean =>
  verifier.verifyBls(keys.multiSigPublicKey, separated(DOMAINS.proofOfPossession, keys.multiSigPublicKey), keys.proofOfPossession);

/**
 * The keys at work. What they sign is recorded in the verifier: a signer need not check itself.
 * @param onShare a share was learned (hex) or is to be forgotten (undefined): it has to be on disk before anything that was signed with it leaves
 */
export function createNodeKeys(
  store: KeyStore, transcripts: readonly Transcript[], verifier: Verifier, signer: AheadSigner = { announce: () => undefined, sign: verifier.bls.sign }, onShare?: (transcriptId: string, share: string | undefined) => void,
): NodeKeys & { readonly proofOfPossession: Uint8Array } {
  const { bls } = verifier;
  const basic = ed25519Key(bytesFromHex(store.basic));
  const multiSig = bytesFromHex(store.multiSig);
  const publicKeys = createCache<Uint8Array>(1), multiSigPublicKey = (): Uint8Array => publicKeys.get("", () => bls.publicKey(multiSig));
  const signMulti = (message: Uint8Array): Uint8Array => {
    const signature = signer.sign(multiSig, message);
    verifier.recordBls(multiSigPublicKey(), message, signature);
    return signature;
  };
  const shareKeys = createCache<Uint8Array>(16);
  const shares = new Map(Object.entries(store.shares)), proven = new Set(transcripts.filter(({ committee }) => committee.includes(store.nodeId)).map(({ id }) => id));
  const encryption = store.encryption === undefined ? undefined : bytesFromHex(store.encryption), encryptionKeys = createCache<Uint8Array>(1);
  const shareFor = ({ resharing }: DkgConfig): Uint8Array | undefined => { const share = resharing && shares.get(resharing.id); return share === undefined ? undefined : bytesFromHex(share); };
  return {
    nodeId: store.nodeId, publicKey: basic.publicKey,
    // Made when they are asked for: a node that comes back needs neither, and they cost it some milliseconds.
    get multiSigPublicKey() { return multiSigPublicKey(); },
    get proofOfPossession() { return signMulti(separated(DOMAINS.proofOfPossession, multiSigPublicKey())); },
    get encryptionKey() { return encryption && encryptionKeys.get("", () => encryptionKeyOf(encryption)); },
    deal(config) {
      const secret = shareFor(config);
      if (encryption === undefined || !config.dealers.includes(store.nodeId) || (config.resharing !== undefined && secret === undefined)) return undefined;
      // From the node's own secret and the generation alone: a node that was killed deals the same again.
      const rng = createSeededRng(createHash("sha256").update("icx-dkg-dealing").update(encryption).update(config.id).update(secret ?? "").digest());
      return sealedDealing(bls, rng, config, store.nodeId, secret);
    },
    review(config, dealings) {
      const index = config.receivers.findIndex(({ nodeId }) => nodeId === store.nodeId), encryptionKey = config.receivers[index]?.encryptionKey;
      if (encryption === undefined || encryptionKey === undefined) return { good: [], bad: [] };
      const opened = dealings.map(({ place, dealing }) => ({ place, dealing, share: openSealed(encryption, dealing, { dkgId: config.id, dealer: config.dealers[place]!, index, encryptionKey }) }));
      if (checkTogether(bls, index, opened)) return { good: opened.map(({ place }) => place), bad: [] };
      const isGood = opened.map(({ dealing, share }) => share !== undefined && checkShare(bls, dealing.commitments, index, share));
      const bad = opened.flatMap(({ place, dealing }, i) => {
        const opening = isGood[i] ? undefined : makeOpening(encryption, dealing.ephemeral, openingLabel(config, config.dealers[place]!, store.nodeId));
        return opening === undefined ? [] : [{ place, opening }];
      });
      return { good: opened.filter((_, i) => isGood[i]).map(({ place }) => place), bad };
    },
    learnShare(transcript) {
      if (!shares.has(transcript.id)) {
        const share = encryption && shareOf(bls, transcript, store.nodeId, encryption);
        if (share === undefined) return false;
        shares.set(transcript.id, hexFromBytes(share));
        onShare?.(transcript.id, hexFromBytes(share));
      }
      if (transcript.committee.includes(store.nodeId)) proven.add(transcript.id);
      return true;
    },
    keepShares(transcriptIds) {
      for (const id of [...shares.keys()].sort()) {
        if (transcriptIds.includes(id)) continue;
        shares.delete(id);
        onShare?.(id, undefined);
      }
    },
    signBasic(message) {
      const signature = basic.sign(message);
      verifier.recordBasic(basic.publicKey, message, signature);
      return signature;
    },
    signAnswer: (message) => basic.signAhead(message),
    signMulti,
    announce(announced) {
      for (const { transcriptId, message } of announced) {
        const share = transcriptId === undefined ? store.multiSig : shares.get(transcriptId);
        if (share !== undefined) signer.announce(bytesFromHex(share), message);
      }
    },
    holdsShare: (transcriptId) => shares.has(transcriptId),
    signThreshold(transcriptId, message) {
      const share = shares.get(transcriptId);
      assert(share !== undefined, `node ${store.nodeId} holds a share of ${transcriptId}`);
      const secret = bytesFromHex(share);
      const signature = signer.sign(secret, message);
      if (proven.has(transcriptId)) verifier.recordBls(shareKeys.get(transcriptId, () => bls.publicKey(secret)), message, signature);
      return signature;
    },
  };
}
