import * as dfinity from "@dfinity/agent";
import * as dfinityPrincipal from "@dfinity/principal";
import * as core from "@icp-sdk/core/agent";
import { IDL } from "@icp-sdk/core/candid";
import { DelegationChain, DelegationIdentity, ECDSAKeyIdentity, Ed25519KeyIdentity } from "@icp-sdk/core/identity";
import { Secp256k1KeyIdentity } from "@icp-sdk/core/identity/secp256k1";
import * as corePrincipal from "@icp-sdk/core/principal";

/** What a suite against a network starts with: a counter canister with `increment : (nat) -> (nat)` and `get : () -> (nat) query`. */
export interface InteropTarget {
  readonly fetch: typeof globalThis.fetch;
  readonly url: string;
  readonly rootKey: Uint8Array;
  readonly canisterId: string;
  close(): Promise<void>;
}

/** The two published agents. Their classes have private fields, so the newer one is named by the older one's types. */
export const LIBRARIES = [
  { name: "@dfinity/agent", agent: dfinity, principal: dfinityPrincipal },
  { name: "@icp-sdk/core", agent: core as unknown as typeof dfinity, principal: corePrincipal as unknown as typeof dfinityPrincipal },
] as const;
export type Library = (typeof LIBRARIES)[number];
export type Identity = dfinity.Identity;
export type SignIdentity = dfinity.SignIdentity;

const asIdentity = (identity: unknown): Identity => identity as Identity;
const ONE_HOUR_MS = 3_600_000;

/** A chain of `length` delegations over fresh keys of all kinds, and the identity that signs with its last key. */
export async function delegatedIdentity(length: number, targets?: readonly string[]): Promise<Identity> {
  const keys = await Promise.all(Array.from({ length: length + 1 }, async (_, i) =>
    (i % 3 === 0 ? Ed25519KeyIdentity.generate() : i % 3 === 1 ? Secp256k1KeyIdentity.generate() : ECDSAKeyIdentity.generate())));
  let chain: DelegationChain | undefined;
  for (let i = 0; i < length; i++) {
    chain = await DelegationChain.create(keys[i]!, keys[i + 1]!.getPublicKey(), new Date(Date.now() + ONE_HOUR_MS), {
      ...(chain && { previous: chain }), ...(targets && { targets: targets.map((text) => corePrincipal.Principal.fromText(text)) }),
    });
  }
  return asIdentity(DelegationIdentity.fromDelegation(keys[length]!, chain!));
}

/** Every kind of sender that a user may be. */
export const IDENTITIES: readonly { readonly name: string; readonly make: () => Promise<Identity> }[] = [
  { name: "anonymous", make: async () => new dfinity.AnonymousIdentity() },
  { name: "Ed25519", make: async () => asIdentity(Ed25519KeyIdentity.generate()) },
  { name: "secp256k1", make: async () => asIdentity(Secp256k1KeyIdentity.generate()) },
  { name: "P-256 (WebCrypto)", make: async () => asIdentity(await ECDSAKeyIdentity.generate()) },
  ...[1, 2, 3, 4, 5].map((length) => ({ name: `a chain of ${length} delegations`, make: () => delegatedIdentity(length) })),
];

export const agentFor = ({ agent }: Library, target: InteropTarget, identity: Identity, fetch = target.fetch): Promise<dfinity.HttpAgent> =>
  agent.HttpAgent.create({ host: target.url, fetch, identity, rootKey: new Uint8Array(target.rootKey), verifyQuerySignatures: true, shouldSyncTime: false, retryTimes: 0 });

export interface Counter { increment(by: bigint): Promise<bigint>; get(): Promise<bigint> }
export const counterInterface: Parameters<typeof dfinity.Actor.createActor>[0] = ({ IDL: types }) =>
  types.Service({ increment: types.Func([types.Nat], [types.Nat], []), get: types.Func([], [types.Nat], ["query"]) });
export const counterOf = ({ agent }: Library, httpAgent: dfinity.HttpAgent, target: InteropTarget): Counter =>
  agent.Actor.createActor<Counter>(counterInterface, { agent: httpAgent, canisterId: target.canisterId }) as unknown as Counter;

export const natArgument = (value: bigint): Uint8Array => new Uint8Array(IDL.encode([IDL.Nat], [value]));
export const emptyArgument = (): Uint8Array => new Uint8Array(IDL.encode([], []));
