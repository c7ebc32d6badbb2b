import { type Hash, type Height, assert, err, ok } from "../types/index.ts";
import type { ReplicatedState } from "../state/replicatedState.ts";
import { type Forest, digest } from "../hashTree/labeledTree.ts";
import { witness } from "../hashTree/witness.ts";
import type { StateManager } from "../interfaces/stateManager.ts";
import type { Certification } from "../interfaces/subnet.ts";

/** The certified tree of a state; with the previous one it costs what changed. Room `certification` builds it. */
export type BuildTree = (state: ReplicatedState, previous?: BuiltTree) => BuiltTree;
export interface BuiltTree { readonly state: ReplicatedState; readonly root: Forest }
/** A committed version with its tree: a function of the state that a round gave and of the version below it. */
export interface BuiltVersion extends BuiltTree { readonly hash: Hash<"StateRoot">; readonly below: Hash<"StateRoot"> }
interface Version extends BuiltVersion { certification: Certification | undefined; fullHash: Hash<"State"> | undefined }

export interface StateManagerOptions {
  /** Genesis, or what a checkpoint gave back. */
  readonly initial: ReplicatedState;
  /** Of the initial state, when it was certified before. */
  readonly certification?: Certification | undefined;
  readonly buildTree: BuildTree;
  /** Canonical hash of everything, cached on shared parts. */
  readonly hashState: (state: ReplicatedState) => Hash<"State">;
  /** Versions by the state that the round gave: nodes that got the very same one build its tree once. */
  readonly versions?: WeakMap<ReplicatedState, BuiltVersion>;
}

const TIME = [new Uint8Array(Buffer.from("time"))];
const NO_HASH = new Uint8Array(0) as Hash<"StateRoot">;
const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/**
 * The versions of one node's state. Kept are the newest certified version, everything above it, and what `keepFrom` asks for; versions
 * share what did not change, so that keeping one costs what changed after it.
 */
export function createStateManager({ initial, certification, buildTree, hashState, versions: shared = new WeakMap() }: StateManagerOptions): StateManager {
  const versions = new Map<Height, Version>();
  let tip: Version, certified: Version | undefined, keptFrom: Height | undefined;

  const build = (state: ReplicatedState, previous: Version | undefined): BuiltVersion => {
    const tree = buildTree(state, previous);
    return { ...tree, hash: digest(tree.root) as Hash<"StateRoot">, below: previous?.hash ?? NO_HASH };
  };
  const keep = (built: BuiltVersion): Version => {
    const version = { ...built, certification: undefined, fullHash: undefined };
    versions.set(built.state.height, version);
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

  const first = shared.get(initial) ?? build(initial, undefined);
  shared.set(initial, first);
  tip = keep(first);
  // Another version of icx may build another tree of the same state: then the state stays, and is certified anew.
  if (certification !== undefined) certify(certification);
  return {
    latest: () => tip.state,
    at: (height) => versions.get(height)?.state,
    commitAndCertify(state) {
      assert(state.height === tip.state.height + 1, `height ${state.height} follows ${tip.state.height}`);
      const known = shared.get(state), built = known !== undefined && same(known.below, tip.hash) ? known : build({ ...state, prevStateHash: tip.hash }, tip);
      shared.set(state, built);
      shared.set(built.state, built);
      tip = keep(built);
      return tip.hash;
    },
    adopt(state) {
      // Another version of the newest height leaves those below as they are: blocks may still be judged by them.
      if (state.height !== tip.state.height) for (const height of versions.keys()) if (height !== certified?.state.height) versions.delete(height);
      const known = shared.get(state), built = known?.state === state ? known : build(state, undefined), before = versions.get(state.height)?.certification;
      shared.set(state, built);
      versions.delete(state.height);
      if (certified !== undefined && certified.state.height >= state.height) certified = undefined;
      tip = keep(built);
      // What the subnet signed is the tree: where that is the same, the node goes on answering.
      if (before !== undefined && same(before.hash, tip.hash)) certify(before);
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
