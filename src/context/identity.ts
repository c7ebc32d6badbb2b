/** Who signs: a key pair of the user, or nobody. */
export interface UserIdentity {
  readonly name: string;
  /** Text of the principal. */
  readonly principal: string;
  /** DER; absent for the anonymous identity. */
  readonly publicKeyDer?: Uint8Array;
  /** Requests are sent in this name without a signature, as the owner of a local network may. */
  readonly unsigned?: true;
  sign(message: Uint8Array): Uint8Array;
}
