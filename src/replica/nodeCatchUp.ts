/**
 * How a node keeps up with its subnet's checkpoints (protocol digest §1.4, rules 10–13): it shows its own to others, fetches the one of a
 * catch-up package that it cannot compute its way to, and notices when its own is another one than the subnet signed.
 */
import { type Height, NANOSECONDS_PER_SECOND, type NodeId, type SubnetId, type Time, hexFromBytes } from "./types/index.ts";
import type { Clock, Log } from "./interfaces/runtime.ts";
import type { StateManager, Store } from "./interfaces/stateManager.ts";
import type { ReplicatedState } from "./state/replicatedState.ts";
import { ASK, WIRE, partFrame, readPartFrame } from "./nodeWire.ts";
import { type SharedWork, checkpointOf } from "./sharedWork.ts";
import { loadState } from "./stateManager/manifest/loadState.ts";
import { differences } from "./stateManager/manifest/differences.ts";
import { type Checkpoint, stateFilesOf } from "./stateManager/manifest/stateFiles.ts";
import { chunkOf } from "./stateManager/sync/chunkServer.ts";
import { type SyncTarget, createStateSync } from "./stateManager/sync/stateSync.ts";

/** A state that was fetched: seconds from the first request, bytes that answers brought, bytes that were here already. */
export interface SyncReport { readonly height: Height; readonly bytesMoved: number; readonly bytesReused: number; readonly nanoseconds: bigint }

export interface CatchUpOptions {
  readonly subnetId: SubnetId;
  readonly clock: Clock;
  readonly store: Store;
  readonly stateManager: StateManager;
  readonly shared: SharedWork;
  /** The other nodes of the subnet. */
  peers(): readonly NodeId[];
  send(to: NodeId, bytes: Uint8Array): void;
  /** What consensus knows: the height and the state of the newest catch-up package. */
  newest(): SyncTarget | undefined;
  /** Everything that another node may have missed. */
  offer(): readonly Uint8Array[];
  /** What an earlier life of this node held, though it was not what the subnet signed. */
  readonly diverged: Checkpoint | undefined;
  /** The subnet signed another state of this height than this node's. */
  onDiverged(own: Checkpoint): void;
  /** In what the diverged state of an earlier life differs from the subnet's: files and chunks. */
  onDifference(height: Height, parts: readonly string[]): void;
  /** The state is whole; it is the newest version now. */
  onSynced(checkpoint: Checkpoint, report: SyncReport): void;
  onFailure(reason: string): void;
  readonly log?: Log | undefined;
}

export interface CatchUp {
  /** The root of this node's own state at a summary's height. */
  rootAt(height: Height): Checkpoint["root"] | undefined;
  /** A summary's state was executed; its root is known when its memories are hashed. */
  executed(state: ReplicatedState): void;
  /** True when something changed: a state came, or another one is wanted. */
  advance(): boolean;
  /** Frames of other nodes that are about states, or ask for everything. False when nothing came of it. */
  receive(from: NodeId, frame: Uint8Array): boolean;
  /** A summary's state is being hashed, some bytes in a turn. */
  readonly isHashing: boolean;
  readonly isFetching: boolean;
  readonly nextDeadline: Time | undefined;
}

/** A node is offered everything at most this often. */
const OFFER_INTERVAL = NANOSECONDS_PER_SECOND;
/** Less than a millisecond of a turn. */
const HASHED_BYTES = 256 << 10;

export function createCatchUp(options: CatchUpOptions): CatchUp {
  const { clock, store, stateManager, subnetId } = options, files = stateFilesOf(subnetId);
  /** At summaries' heights: what others may fetch, from the newest catch-up package on. */
  const checkpoints = new Map<Height, Checkpoint>(), roots = new Map<Height, Checkpoint["root"]>(), offeredAt = new Map<NodeId, Time>();
  /** Heights of the newest package that nothing is to be done about any more, and that was looked for on disk. */
  let settled: Height | undefined, searched: Height | undefined, begun: Time | undefined, known = options.diverged;
  const sync = createStateSync({
    clock, peers: () => options.peers(), staged: store,
    request: (to, root, id) => options.send(to, partFrame(WIRE.request, { root, id })),
    local: () => options.diverged ?? checkpointOf(stateManager.latest()),
    load: (manifest, chunk, base) => loadState(manifest, chunk, files, base),
    onLyingPeer: (node, id) => options.log?.({ room: "sync", event: "refused", subnet: subnetId, node, part: id }),
    onManifest(manifest) {
      if (known === undefined) return;
      options.onDifference(known.state.height, differences(known.manifest, manifest));
      known = undefined;
    },
  });

  const dropBelow = (newest: number): void => { for (const kept of [checkpoints, roots]) for (const at of kept.keys()) if (at < newest) kept.delete(at); };
  const keep = (checkpoint: Checkpoint): void => {
    roots.set(checkpoint.state.height, checkpoint.root);
    // A version that nobody can ask for need not stay.
    if (options.peers().length > 0) checkpoints.set(checkpoint.state.height, checkpoint);
    dropBelow(options.newest()?.height ?? 0);
  };
  /**
   * A summary's state whose manifest is not whole yet: of a large one some bytes are hashed in a turn, and blocks go on meanwhile. What was begun is
   * ended before the newest one after it is begun, or a subnet that is busy for long would never come to a catch-up package.
   */
  let unhashed: ReplicatedState | undefined, afterwards: ReplicatedState | undefined;
  const hashNext = (): void => { unhashed = afterwards; afterwards = undefined; };
  const hashSome = (): boolean => {
    const state = unhashed;
    if (state === undefined) return false;
    if (!files.prepare(state, HASHED_BYTES)) return true;
    hashNext();
    // Of two nodes with equal states one version is enough.
    const same = options.shared.same(checkpointOf(state));
    if (same !== state && stateManager.latest() === state) stateManager.adopt(same);
    keep(checkpointOf(same));
    return true;
  };
  /** Compares with the newest package, or begins to fetch what it names. */
  const look = (): boolean => {
    const target = options.newest();
    if (target === undefined || target.height === settled) return false;
    // Soon it is known whether that is this node's own.
    if (unhashed?.height === target.height || afterwards?.height === target.height) return false;
    if (unhashed !== undefined && unhashed.height < target.height) hashNext(); // nobody needs it any more
    const own = checkpoints.get(target.height);
    if (own === undefined && stateManager.latest().height < target.height) {
      if (sync.target?.height === target.height) return false;
      begun ??= clock.now();
      sync.seek(target);
      // What is above the package was out of reach when it was offered.
      for (const node of options.peers()) options.send(node, ASK);
      return true;
    }
    settled = target.height;
    if (sync.target !== undefined) finish();
    dropBelow(target.height);
    if (own !== undefined && Buffer.compare(own.root, target.root) !== 0) options.onDiverged(own);
    return false;
  };
  const finish = (): void => {
    sync.stop();
    store.dropChunks();
    begun = undefined;
  };
  /** The checkpoint with a root; that of a state which this node began with, or which is on disk alone because it came back at a later height, is made when it is asked for. */
  const withRoot = (root: Checkpoint["root"]): Checkpoint | undefined => {
    const name = hexFromBytes(root), target = options.newest(), known = [...checkpoints.values()].find((one) => hexFromBytes(one.root) === name);
    if (known !== undefined || target === undefined || hexFromBytes(target.root) !== name || searched === target.height) return known;
    searched = target.height;
    const latest = stateManager.latest(), state = latest.height === target.height ? latest : store.loadAt(target.height), found = state && checkpointOf(state);
    if (found !== undefined && hexFromBytes(found.root) === name) keep(found);
    return checkpoints.get(target.height);
  };
  const serve = (from: NodeId, root: Checkpoint["root"], id: number): void => {
    const checkpoint = withRoot(root), part = checkpoint && chunkOf(checkpoint, id);
    options.send(from, part === undefined ? partFrame(WIRE.noPart, { root, id }) : partFrame(WIRE.part, { root, id }, part.size, part.write));
  };
  const offerAll = (to: NodeId): void => {
    const last = offeredAt.get(to), now = clock.now();
    if (last !== undefined && now - last < OFFER_INTERVAL) return;
    offeredAt.set(to, now);
    for (const bytes of options.offer()) options.send(to, bytes);
  };

  return {
    rootAt: (at) => roots.get(at),
    executed(state) {
      if (unhashed === undefined) unhashed = state; else afterwards = state;
      hashSome();
    },
    advance() {
      const hashed = hashSome(), changed = look() || hashed, outcome = sync.advance();
      if (outcome === undefined) return changed;
      const { bytesMoved, bytesReused } = sync.counters, target = sync.target!, nanoseconds = clock.now() - (begun ?? clock.now());
      finish();
      // The subnet signed it, so another try would end the same way: the next package is another state.
      if (!outcome.ok) { settled = target.height; options.onFailure(outcome.error); return true; }
      const state = options.shared.same(outcome.value), checkpoint = checkpointOf(state);
      stateManager.adopt(state);
      keep(checkpoint);
      options.onSynced(checkpoint, { height: target.height, bytesMoved, bytesReused, nanoseconds });
      for (const node of options.peers()) options.send(node, ASK);
      return true;
    },
    receive(from, frame) {
      if (frame[0] === WIRE.ask) { offerAll(from); return false; }
      const part = readPartFrame(frame);
      if (part === undefined) return false;
      if (frame[0] !== WIRE.request) return sync.receive(from, part.root, part.id, part.bytes);
      serve(from, part.root, part.id);
      return false;
    },
    get isHashing() { return unhashed !== undefined; },
    get isFetching() { return sync.target !== undefined; },
    get nextDeadline() { return sync.nextDeadline; },
  };
}
