/** Who signs: a key pair of the user, or nobody. */
export interface UserIdentity {
  readonly name: string;
  /** Text of the principal. */
  readonly principal: string;
  /** DER; absent for the anonymous identity. */
  readonly publicKeyDer?: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}
