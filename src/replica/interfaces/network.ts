import type { HttpInterface } from "./subnet.ts";
import type { SubnetKind } from "../params/subnetKinds.ts";
import type { Log } from "./runtime.ts";

/** Something a person who watches the network wants to see as it happens. */
export type NetworkEvent =
  | { readonly kind: "canisterLog"; readonly canister: string; readonly timestampNanos: bigint; readonly content: Uint8Array }
  /** Finalized and executed by the first node; `rank` is its maker's among those of the height. */
  | { readonly kind: "block"; readonly subnet: string; readonly height: number; readonly rank: number; readonly maker: string; readonly messages: number; readonly timeNanos: bigint }
  /** A node took over its subnet's state from the others: bytes that it received, and bytes that it had already. */
  | { readonly kind: "synced"; readonly node: string; readonly subnet: string; readonly height: number; readonly bytesMoved: number; readonly bytesReused: number; readonly milliseconds: number }
  /** A node's state was not its subnet's: files and chunks that differ. The node begins again with the state of the others. */
  | { readonly kind: "diverged"; readonly node: string; readonly subnet: string; readonly height: number; readonly parts: readonly string[] }
  /** A node began again with the replica version that the registry wants for its subnet, from the state of this height. */
  | { readonly kind: "upgraded"; readonly node: string; readonly subnet: string; readonly height: number; readonly from: string; readonly to: string }
  | { readonly kind: "warning"; readonly text: string };

/** A subnet that is asked for. */
export interface SubnetOptions {
  /** Default `application`. Kinds differ in their rules and in the size that fees follow (`SUBNET_KINDS`). */
  readonly type?: SubnetKind;
  /** Virtual nodes; default as the network's. With n nodes, ⌊(n−1)/3⌋ may fail. */
  readonly nodes?: number;
  /** The number of nodes that fees are made for; default by kind (design D7). */
  readonly pricedAs?: number;
  /** The replica version that it begins with (`REPLICA_VERSIONS`); default the newest. */
  readonly replicaVersion?: string;
}

export interface NetworkOptions {
  /** Where the network lives; undefined keeps it in memory only. */
  readonly stateDir?: string;
  /** 32 bytes of hex: the root of every key and random choice of a new network; drawn from the host when absent. */
  readonly seed?: string;
  /** How long an idle subnet waits before it makes a block. Default 1000. */
  readonly idleBlockIntervalMs?: number;
  /** When summaries are made, and with them checkpoints and catch-up packages: after so many heights *and* so much time. Default: the registry's values, 499 and a minute. A subnet of several nodes keeps what it was first opened with. */
  readonly dkgInterval?: { readonly heights: number; readonly ms: number };
  /** Subnets besides the root (NNS) subnet; default one application subnet. */
  readonly subnets?: readonly SubnetOptions[];
  /** Virtual nodes of each subnet of a new network; default 1. With n nodes, ⌊(n−1)/3⌋ may fail. */
  readonly nodes?: number;
  /** Whether the owner of a new network may send requests in the name of anybody, without a signature: through `ownerFetch`, or a socket with the admin's token. Default no. */
  readonly unsigned?: boolean;
  /** Whether each subnet besides the root lives in a thread of its own, so that subnets execute at the same time. Default no. */
  readonly workers?: boolean;
  readonly onEvent?: (event: NetworkEvent) => void;
  /** Debug lines of the rooms (design §3.9); absent costs nothing. */
  readonly log?: Log;
}

export interface ListenOptions { readonly host?: string; readonly port?: number; /** Extra accepted Host names. */ readonly allowHosts?: readonly string[]; /** Enables the admin door `/_icx` with this bearer token. */ readonly adminToken?: string;
  /** Canister id → name, for the page at `/`. */
  readonly names?: () => Readonly<Record<string, string>>;
}
export interface ListeningAddress { readonly url: string; readonly host: string; readonly port: number; close(): Promise<void> }

export interface SubnetStatus {
  readonly id: string; readonly type: string; /** The number of nodes that its fees are made for. */ readonly pricedAs: number; readonly height: number; readonly certifiedHeight: number; readonly canisters: number; /** The replica version that it runs. */ readonly replicaVersion: string; readonly nodes: readonly string[]; /** A canister id of its ranges: the effective id for creating canisters there. */ readonly effectiveCanisterId: string;
  /** What certificates say of the time. Agents refuse those that are older than five minutes. */
  readonly certifiedTimeNanos: bigint;
  /** A restart begins there and replays the heights above; 0: at the genesis. */
  readonly checkpointHeight: number;
}

/** `canister`: text of its id; `offset`: of the byte in the canister's heap or stable memory. */
export interface CorruptedByte { readonly canister: string; readonly memory: "heap" | "stable"; readonly offset: number }

/** The chain begins again at `height`; ids of the nodes that are gone and of those in their places. */
export interface RecoveredSubnet { readonly height: number; readonly lost: readonly string[]; readonly replacements: readonly string[] }

/** Which canisters of a subnet go to a new one: single ids, ranges of ids (both ends included), or both, as texts. */
export interface SplitOptions {
  readonly subnet: string;
  readonly canisters?: readonly string[];
  readonly ranges?: readonly { readonly start: string; readonly end: string }[];
  /** Virtual nodes of the new subnet; default: as many as the other one has. */
  readonly nodes?: number;
}
/** The id of the new subnet; both chains go on above `height`. */
export interface SplitSubnet { readonly subnet: string; readonly destination: string; readonly height: number }

export interface Network extends AsyncDisposable {
  /** The public HTTP interface as a function: give it to an agent as its `fetch`. Any host name works. */
  readonly fetch: HttpInterface;
  /** The same as its owner calls it: with the admin door `/_icx`, and requests without a signature where the network was made with `unsigned`. */
  readonly ownerFetch: HttpInterface;
  /** A host to write in front of the paths when `fetch` is used without a socket. */
  readonly url: string;
  /** DER, 133 bytes. */
  readonly rootKey: Uint8Array;
  readonly subnets: readonly SubnetStatus[];
  /** Text of a canister id in the application subnet's ranges: the effective id for creating canisters. */
  readonly defaultEffectiveCanisterId: string;
  /** Puts a socket before the interface. Port 0 takes a free one. Rejects with code EADDRINUSE when the port is taken. */
  listen(options?: ListenOptions): Promise<ListeningAddress>;
  /** Stops a virtual node (by the text of its id), as if its machine had lost its power. @throws RangeError for an id that is none of the network's */
  stopNode(id: string): Promise<void>;
  /** Starts a stopped node again: it goes on from what it has on disk, and asks its peers for the rest. @throws RangeError */
  startNode(id: string): void;
  /**
   * Flips a bit of a canister's memory in one node's state, as a cosmic ray does: the node finds out at the next catch-up package and takes the
   * state of the others. Rejects with a RangeError for an id that is none of the network's, a node that does not run, a subnet without canisters.
   */
  corruptNode(id: string): Promise<CorruptedByte>;
  /** Adds a subnet: keys of its own, a range of canister ids, a delegation from the root subnet. Resolves with its id when it answers. @throws RangeError */
  addSubnet(options?: SubnetOptions): Promise<string>;
  /** Takes a subnet out of the registry with all its canisters, and stops it; not the root subnet, nor the one that new canisters go to. Its files stay. @throws RangeError */
  removeSubnet(id: string): Promise<void>;
  /**
   * Lets a subnet go on with another replica version (`REPLICA_VERSIONS`): the registry names it, the subnet stops at its next summary, its nodes begin
   * again from there. Updates wait for a moment, queries are answered throughout. Resolves with the version when all nodes that run have changed to
   * it; at once when they have it. Default: the newest. Rejects with a RangeError for an id that is no subnet's, a version that icx does not have, and when too few nodes run.
   */
  upgradeSubnet(id: string, version?: string): Promise<string>;
  /**
   * Lets a subnet that lost more nodes than it can spare go on from what is left: nodes that do not run are given up and replaced, the furthest
   * state that a running one holds counts, all get new keys by one version of the registry. Rejects with a RangeError for an id that is no
   * subnet's, for the root subnet, and when no node of it runs.
   */
  recoverSubnet(id: string): Promise<RecoveredSubnet>;
  /**
   * Makes two subnets of one: it stops at a catch-up package, both halves go on from that state under keys of their own, and the new one hosts the
   * canisters that are named, with their ids, cycles, queues and open calls. Resolves when both answer; messages of the time before are led to
   * where their canisters live for as long as there are any. @throws RangeError for the root subnet, for canisters that are not all of the subnet, and while one of the subnets is not healthy
   */
  splitSubnet(options: SplitOptions): Promise<SplitSubnet>;
  /**
   * Moves a stopped canister to another subnet, as mainnet's migration canister does: `replaces` is a stopped canister there that holds its state
   * (by a snapshot that was uploaded and loaded) and takes its id; what cycles are left at the old place are burned. Resolves when it lives there.
   * @throws RangeError when one of them does not exist, is not stopped or has messages in its queues, or both are on one subnet
   */
  migrateCanister(options: { readonly canister: string; readonly replaces: string }): Promise<void>;
  /** Digest of the whole replicated state of every subnet (heaps, stable memories, globals, queues). */
  stateHash(): string;
  /** Writes a checkpoint, closes sockets and files. Idempotent. */
  stop(): Promise<void>;
  /** The same without a checkpoint: everything is in the journal, and the next start replays it. */
  suspend(): Promise<void>;
}
