import { type Hash, type Height, assert, err, ok } from "../types/index.ts";
import type { ReplicatedState } from "../state/replicatedState.ts";
import { type Forest, digest } from "../hashTree/labeledTree.ts";
import { witness } from "../hashTree/witness.ts";
import type { StateManager } from "../interfaces/stateManager.ts";
import type { Certification } from "../interfaces/subnet.ts";

/** The certified tree of a state; with the previous one it costs what changed. Room `certification` builds it. */
export type BuildTree = (state: ReplicatedState, previous?: BuiltTree) => BuiltTree;
export interface BuiltTree { readonly state: ReplicatedState; readonly root: Forest }
interface Version extends BuiltTree { readonly hash: Hash<"StateRoot">; certification: Certification | undefined; fullHash: Hash<"State"> | undefined }

export interface StateManagerOptions {
  /** Genesis, or what a checkpoint gave back. */
  readonly initial: ReplicatedState;
  /** Of the initial state, when it was certified before. */
  readonly certification?: Certification | undefined;
  readonly buildTree: BuildTree;
  /** Canonical hash of everything, cached on shared parts. */
  readonly hashState: (state: ReplicatedState) => Hash<"State">;
}

const TIME = [new Uint8Array(Buffer.from("time"))];
const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/**
 * The versions of one node's state. Kept are the newest certified version, everything above it, and what `keepFrom` asks for; versions
 * share what did not change, so that keeping one costs what changed after it.
 */
export function createStateManager({ initial, certification, buildTree, hashState }: StateManagerOptions): StateManager {
  const versions = new Map<Height, Version>();
  let tip: Version, certified: Version | undefined, keptFrom: Height | undefined;

  const commit = (state: ReplicatedState, previous: Version | undefined): Version => {
    const tree = buildTree(state, previous);
    const version = { ...tree, hash: digest(tree.root) as Hash<"StateRoot">, certification: undefined, fullHash: undefined };
    versions.set(state.height, version);
    return version;
  };
  const dropOld = (): void => {
    const lowest = Math.min(certified?.state.height ?? 0, keptFrom ?? Infinity);
    for (const known of versions.keys()) if (known < lowest) versions.delete(known);
  };
  const certify = (delivered: Certification): ReturnType<StateManager["deliverCertification"]> => {
    const version = versions.get(delivered.height);
    if (version === undefined) return certified !== undefined && delivered.height < certified.state.height ? ok(undefined) : err({ kind: "unknownHeight" });
    if (!same(version.hash, delivered.hash)) return err({ kind: "diverged", own: version.hash });
    version.certification ??= delivered;
    if (certified === undefined || certified.state.height < delivered.height) certified = version;
    dropOld();
    return ok(undefined);
  };

  tip = commit(initial, undefined);
  // Another version of icx may build another tree of the same state: then the state stays, and is certified anew.
  if (certification !== undefined) certify(certification);
  return {
    latest: () => tip.state,
    at: (height) => versions.get(height)?.state,
    commitAndCertify(state) {
      assert(state.height === tip.state.height + 1, `height ${state.height} follows ${tip.state.height}`);
      tip = commit({ ...state, prevStateHash: tip.hash }, tip);
      return tip.hash;
    },
    hashesToCertify: () => [...versions.values()].filter((version) => version.certification === undefined && version.state.height > 0).map(({ state, hash }) => ({ height: state.height, hash })),
    deliverCertification: certify,
    latestCertified: () => certified?.certification && { state: certified.state, certification: certified.certification },
    readCertified: (paths) => certified?.certification && { witness: witness(certified.root, [TIME, ...paths]), certification: certified.certification },
    fullHash(height) {
      const version = versions.get(height);
      return version && (version.fullHash ??= hashState(version.state));
    },
    keepFrom(height) { keptFrom = height; dropOld(); },
  };
}
