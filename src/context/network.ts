/** A network that a command talks to. */
export interface NetworkTarget {
  readonly name: string;
  readonly url: string;
  /** DER of the root key: what certificates are verified with. */
  readonly rootKey: Uint8Array;
  /** icx runs it for this project or user. */
  readonly managed: boolean;
  /** A canister id of the subnet that new canisters go to, if it is known. */
  readonly effectiveCanisterId?: string;
  /** Where ids of the project's canisters on this network are kept. */
  readonly idsFile?: string;
}
