/** A network that a command talks to. */
export interface NetworkTarget {
  readonly name: string;
  readonly url: string;
  /** DER of the root key: what certificates are verified with. Empty for a network that is stopped. */
  readonly rootKey: Uint8Array;
  /** icx runs it for this project or user. */
  readonly managed: boolean;
  /** A canister id of the subnet that new canisters go to, if it is known. */
  readonly effectiveCanisterId?: string;
  /** Where ids of the project's canisters on this network are kept. */
  readonly idsFile?: string;
  /** The project's own network, which does not run: to ask it something, its state has to be opened. */
  readonly stopped?: boolean;
  /** Makes the requests; absent: the host's own `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
  /** The same as the owner of the network: its admin door `/_icx`, and requests without a signature. Absent for a network of others. */
  readonly ownerFetch?: typeof globalThis.fetch;
  /** Checks a BLS signature of the network (interface spec, "Certificate verification"); absent: the agent's own check. */
  readonly verifyBls?: BlsCheck;
}

/** Whether a BLS12-381 signature (48 bytes, G1) on a message is that of a key (96 bytes, G2). */
export type BlsCheck = (key: Uint8Array, signature: Uint8Array, message: Uint8Array) => Promise<boolean>;
