/** The crypto door: its types live with the mathematics, one floor down. */
export type { Bls, Dealing, DkgConfig, DkgReceiver, NodeKeys, SignatureShare, Transcript } from "../crypto/bls.ts";
export type { KeyStore, NodePublicKeys } from "../crypto/keyStore.ts";
export type { Opening } from "../crypto/opening.ts";
export type { Verifier } from "../crypto/verifier.ts";
export type { AheadSigner } from "../crypto/signAhead.ts";
