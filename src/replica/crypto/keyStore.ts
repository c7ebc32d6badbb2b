import { type NodeId, assert, bytesFromHex, createCache } from "../types/index.ts";
import type { NodeKeys, Transcript } from "./bls.ts";
import { ed25519Key } from "./ed25519.ts";
import { DOMAINS, separated } from "./domain.ts";
import type { AheadSigner } from "./signAhead.ts";
import type { Verifier } from "./verifier.ts";

/** Everything secret that one node holds: plain data, hex, so that it can be written to disk and read back. Never another node's share. */
export interface KeyStore {
  readonly nodeId: NodeId;
  /** Seed of the Ed25519 node key. */
  readonly basic: string;
  readonly multiSig: string;
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
}

/** Whether the multi-signature key may be summed with others: without the proof a rogue key could cancel them. */
export const checkProofOfPossession = (verifier: Verifier, keys: NodePublicKeys): boolean =>
  verifier.verifyBls(keys.multiSigPublicKey, separated(DOMAINS.proofOfPossession, keys.multiSigPublicKey), keys.proofOfPossession);

/** The keys at work. What they sign is recorded in the verifier: a signer need not check itself. */
export function createNodeKeys(store: KeyStore, transcripts: readonly Transcript[], verifier: Verifier, signer: AheadSigner = { announce: () => undefined, sign: verifier.bls.sign }): NodeKeys & { readonly proofOfPossession: Uint8Array } {
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
  return {
    nodeId: store.nodeId, publicKey: basic.publicKey,
    // Made when they are asked for: a node that comes back needs neither, and they cost it some milliseconds.
    get multiSigPublicKey() { return multiSigPublicKey(); },
    get proofOfPossession() { return signMulti(separated(DOMAINS.proofOfPossession, multiSigPublicKey())); },
    signBasic(message) {
      const signature = basic.sign(message);
      verifier.recordBasic(basic.publicKey, message, signature);
      return signature;
    },
    signAnswer: (message) => basic.signAhead(message),
    signMulti,
    announce(announced) {
      for (const { transcriptId, message } of announced) {
        const share = transcriptId === undefined ? store.multiSig : store.shares[transcriptId];
        if (share !== undefined) signer.announce(bytesFromHex(share), message);
      }
    },
    holdsShare: (transcriptId) => store.shares[transcriptId] !== undefined,
    signThreshold(transcriptId, message) {
      const share = store.shares[transcriptId];
      assert(share !== undefined, `node ${store.nodeId} holds a share of ${transcriptId}`);
      const secret = bytesFromHex(share);
      const signature = signer.sign(secret, message);
      if (transcripts.some((transcript) => transcript.id === transcriptId && transcript.committee.includes(store.nodeId)))
        verifier.recordBls(shareKeys.get(transcriptId, () => bls.publicKey(secret)), message, signature);
      return signature;
    },
  };
}
