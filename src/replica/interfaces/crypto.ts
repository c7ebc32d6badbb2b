/** The crypto door: its types live with the mathematics, one floor down. */
export type { Bls, NodeKeys, SignatureShare, Transcript } from "../crypto/bls.ts";
