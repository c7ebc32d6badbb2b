/**
 * One virtual node: builds the rooms and connects their doors. Safety: nothing that this node tells anybody — an answer, a share, a
 * certificate — leaves before what it depends on is on disk; so a certification counts only after `persist`. Liveness: `advance` is called
 * whenever something arrived and at `nextWake`.
 */
import { type Batch, type Hash, type Height, type MessageId, type NodeId, type RegistryVersion, MANAGEMENT_CANISTER_ID, type Result, type SignedIngress, type SubnetId, type Time, type UserError, NANOSECONDS_PER_SECOND, assert, height, hexFromBytes, ok, time } from "./types/index.ts";
import type { ConsensusParams, DeliveredBlock, Origin } from "./interfaces/consensus.ts";
import type { KeyStore, NodePublicKeys, Transcript, Verifier, AheadSigner } from "./interfaces/crypto.ts";
import type { IngressFilter, MessageRouting } from "./interfaces/execution.ts";
import type { IngressPool } from "./interfaces/ingress.ts";
import type { RegistryClient } from "./interfaces/registry.ts";
import type { Clock, Log } from "./interfaces/runtime.ts";
import type { LoadedState, StateManager, Store } from "./interfaces/stateManager.ts";
import type { Certification, Overloaded } from "./interfaces/subnet.ts";
import type { ForeignStreams } from "./interfaces/xnet.ts";
import type { NetworkTopology, ReplicatedState } from "./state/replicatedState.ts";
import { buildStateTree } from "./certification/stateTree.ts";
import { isSignedBySubnet, readStreamSlice } from "./certification/streamSlice.ts";
import { createConsensus } from "./consensus/createConsensus.ts";
import { INGRESS_MESSAGES_MAX, createIngressSection } from "./consensus/payload/ingressSection.ts";
import { BLOCK_PAYLOAD_BYTES_MAX, createPayloadBuilder } from "./consensus/payload/createPayloadBuilder.ts";
import { createXNetSection } from "./consensus/payload/xnetSection.ts";
import { createNodeKeys } from "./crypto/keyStore.ts";
import { putShare } from "./genesis.ts";
import type { EnvelopeReader } from "./ingress/envelopeReader.ts";
import { createIngressPool } from "./ingress/pool.ts";
import { type CatchUpOptions, createCatchUp } from "./nodeCatchUp.ts";
import { streamPosition } from "./messaging/streamPosition.ts";
import { isNews } from "./state/streamNews.ts";
import { type NodeQueryStats, createNodeQueryStats } from "./nodeQueryStats.ts";
import { createNodeJournal } from "./nodeJournal.ts";
import { WIRE, contentOf, framed } from "./nodeWire.ts";
import type { SharedWork } from "./sharedWork.ts";
import { firstDue } from "./state/dueTimes.ts";
import { type Corruption, corruptState } from "./stateManager/corruptState.ts";
import { fullHash } from "./stateManager/fullHash.ts";
import type { Checkpoint } from "./stateManager/manifest/stateFiles.ts";
import { createStateManager } from "./stateManager/stateManager.ts";
import type { Driven } from "./subnetDriver.ts";

export { type SharedWork, createSharedWork } from "./sharedWork.ts";

export interface NodeOptions {
  readonly subnetId: SubnetId;
  readonly keyStore: KeyStore;
  readonly membership: readonly NodePublicKeys[];
  /** The subnet's nodes at a version of this node's copy of the registry. */
  readonly membersAt: (version: RegistryVersion) => readonly NodePublicKeys[] | undefined;
  readonly transcripts: { readonly low: Transcript; readonly high: Transcript };
  readonly verifier: Verifier;
  readonly signer: AheadSigner;
  readonly clock: Clock;
  readonly params: ConsensusParams;
  readonly genesis: ReplicatedState;
  /** Where the registry lets the chain begin again. */
  readonly origin: Origin | undefined;
  /** What the store came back with. */
  readonly loaded: LoadedState | undefined;
  readonly registry: RegistryClient;
  /** Name of the replica version that a registry version wants for the subnet; undefined for a version to come. */
  readonly replicaVersionAt: (version: RegistryVersion) => string | undefined;
  /** What an earlier life of the node accepted from users, and no block holds yet. */
  readonly pool?: IngressPool;
  /** The newest version of the copy that is on disk: what a block may name. */
  readonly registryVersion: () => RegistryVersion;
  readonly ingressFilter: IngressFilter;
  /** Pure work that the nodes of a subnet do once (design D8). */
  readonly shared: SharedWork;
  /** To all other nodes of the subnet: what is on disk here. Absent when there is none. */
  readonly send?: (bytes: Uint8Array) => void;
  /** To one of them. */
  readonly sendTo?: (to: NodeId, bytes: Uint8Array) => void;
  /** The checkpoint of an earlier life that was not the one which the subnet signed. */
  readonly diverged?: Checkpoint;
  /** The subnet signed another state than this node's, which has to stop; the next life begins without it. */
  readonly onStateDivergence: CatchUpOptions["onDiverged"];
  readonly onDifference: CatchUpOptions["onDifference"];
  /** A state came from the other nodes; or the one that they signed cannot be read, and why. */
  readonly onSynced: CatchUpOptions["onSynced"];
  readonly onSyncFailure: CatchUpOptions["onFailure"];
  /** What other subnets send to this one. */
  readonly streams: ForeignStreams;
  /** Reads the envelopes of blocks, a pure function. */
  readonly envelopes: EnvelopeReader;
  readonly store: Store;
  /** The journal holds another certified root of a height than this node computes: `icx` is the version that wrote it. Nothing is on disk yet. */
  readonly onDivergence: (height: Height, icx: string | undefined) => void;
  /** A checkpoint that was due could not be written: a restart replays more of the journal. */
  readonly onCheckpointFailure: (error: unknown) => void;
  readonly onBlock?: (block: DeliveredBlock, batch: Batch) => void;
  readonly log?: Log;
}

/** From one life of a node to the next one in the same process. */
export interface NodeHandOver { readonly loaded: LoadedState; readonly pool: IngressPool }

export interface ReplicaNode extends Driven {
  readonly keys: ReturnType<typeof createNodeKeys>;
  readonly stateManager: StateManager;
  /** Counts the queries that the node answers. */
  readonly queryStats: NodeQueryStats["collector"];
  /** Rooms 6 and 7 of the walk: the message's receiver looks at it, then it waits for a block. */
  submit(message: SignedIngress): Result<void, UserError | Overloaded>;
  /** Whether a message waits for a block. */
  isPooled(id: SignedIngress["messageId"]): boolean;
  readonly progress: { readonly notarized: Height; readonly finalized: Height; readonly catchUp: Height; /** Stopped at a catch-up package, as the registry wants. */ readonly isHalted: boolean }; // of consensus here
  /** Name of the replica version that it runs for the whole of its life. */
  readonly replicaVersion: string;
  /** The version that its newest catch-up package asks for, when that is another one and nothing is left to do but to begin again with it. */
  readonly upgradesTo: string | undefined;
  /** What its next life begins with: the newest state that it may answer from, and what users wait for. */
  handOver(): NodeHandOver;
  /** Height of the newest checkpoint; 0 before the first one. */
  readonly checkpointHeight: Height;
  /** Bytes of another node of the subnet: an artifact, or a user's message. False when they say nothing new. */
  receive(from: NodeId, bytes: Uint8Array): boolean;
  /** What a node that lost touch may need. */
  offer(): readonly Uint8Array[];
  /** Whether a state is on its way here from the others. */
  readonly isFetching: boolean;
  /** Writes the state as it is, so that a restart replays nothing. */
  checkpoint(): Promise<void>;
  /** Flips a bit of a canister's memory in this node's newest state; undefined when there is none to flip. */
  corrupt(): Corruption | undefined;
  /** Resolves when no checkpoint is being written any more. */
  settled(): Promise<void>;
}

/** Agents refuse certificates that are older than five minutes; a state of this age is renewed before one is asked for. */
const STATE_AGE_MAX = 120n * NANOSECONDS_PER_SECOND;
/** A purge looks at the whole pool. */
const PURGE_INTERVAL = NANOSECONDS_PER_SECOND;

export function createNode(options: NodeOptions): ReplicaNode {
  const { subnetId, clock, store, log } = options;
  const keys = createNodeKeys(options.keyStore, [options.transcripts.low, options.transcripts.high], options.verifier, options.signer, (id, share) => { putShare(options.store, id, share); });
  const pool = options.pool ?? createIngressPool();
  // What was signed under the key before a recovery counts no more.
  const knownCertification = options.loaded !== undefined && options.loaded.state.height >= (options.origin?.height ?? 0) ? options.loaded.certification : undefined;
  const stateManager = createStateManager({ initial: options.loaded?.state ?? options.genesis, certification: knownCertification, buildTree: buildStateTree, hashState: fullHash, versions: options.shared.versions });
  /** Signed by the subnet, not yet on disk. */
  let undisclosed: Certification[] = [];
  let checkpoints: Promise<void> = Promise.resolve(), checkpointHeight = options.loaded?.state.height ?? height(0);
  let due = firstDue(stateManager.latest(), undefined);
  /** For the log alone: messages whose answer is in no committed state yet, and answered ones whose state is not certified yet, by height. */
  const open = new Set<MessageId>(), answered = new Map<Height, readonly { readonly messageId: MessageId }[]>();
  const trace = (room: string, event: string, messages: readonly { readonly messageId: string }[], at: Height): void => {
    if (log !== undefined) for (const { messageId } of messages) log({ room, event, messageId, subnet: subnetId, height: at });
  };

  /** Room 15 of the walk: the commit that holds a message's answer. */
  const traceAnswers = (state: ReplicatedState, batch: Batch): void => {
    for (const { messageId } of batch.ingress) open.add(messageId);
    const messages = [...open].filter((id) => !["received", "processing"].includes(state.ingressHistory.get(id)?.kind ?? "unknown")).map((messageId) => ({ messageId }));
    for (const { messageId } of messages) open.delete(messageId);
    if (messages.length > 0) answered.set(batch.height, messages);
    trace("commit", "committed", messages, batch.height);
  };
  /** Room 16: the first certification at or above it. */
  const traceCertified = (at: Height): void => {
    for (const [below, messages] of answered) {
      if (below > at) continue;
      answered.delete(below);
      trace("certification", "certified", messages, at);
    }
  };

  const stateAt = (at: Height): ReplicatedState | undefined => stateManager.at(at);
  const otherSubnets = (version: RegistryVersion): readonly SubnetId[] => (options.registry.at(version)?.topology.subnets ?? []).map(({ id }) => id).filter((id) => id !== subnetId);
  const queryStats = createNodeQueryStats(keys.nodeId, stateAt);
  const payloadBuilder = createPayloadBuilder({
    queryStats: queryStats.section,
    ingress: createIngressSection({
      messages: () => pool.select({ time: clock.now(), bytesMax: BLOCK_PAYLOAD_BYTES_MAX, messagesMax: INGRESS_MESSAGES_MAX, isKnown: () => false }),
      authenticate: options.envelopes.read,
      isKnown: (id, at) => stateAt(at)?.ingressHistory.has(id),
      isPayable(message, at) {
        const state = stateAt(at);
        return state && (message.effectiveCanisterId === MANAGEMENT_CANISTER_ID || state.canisters.has(message.effectiveCanisterId));
      },
    }),
    xnet: createXNetSection({
      streams: options.streams, subnets: otherSubnets, read: (slice) => readStreamSlice(slice, subnetId),
      isCertified(slice, version) {
        const key = options.registry.at(version)?.topology.subnets.find(({ id }) => id === slice.source)?.publicKey;
        return key !== undefined && isSignedBySubnet(options.verifier, slice, key);
      },
      position(source, at) { const state = stateAt(at); return state && streamPosition(state, source); },
    }),
  });

  function deliverBatch(batch: Batch, block: DeliveredBlock): void {
    const registry = options.registry.at(batch.registryVersion);
    assert(registry !== undefined, `registry version ${batch.registryVersion} of block ${batch.height} is known`);
    trace("delivery", "delivered", batch.ingress, batch.height);
    const before = stateManager.latest(), next = options.shared.processBatch(before, batch, block, registry.topology);
    const root = stateManager.commitAndCertify(next);
    if (log !== undefined) traceAnswers(next, batch);
    lastBlock = batch.ingress.length;
    compareWithJournal(batch.height, root);
    due = firstDue(next, before);
    pool.remove(batch.ingress.map(({ messageId }) => messageId));
    purgePool(batch.time);
    log?.({ room: "commit", event: "committed", subnet: subnetId, node: keys.nodeId, height: batch.height, root: hexFromBytes(root), stateHash: hexFromBytes(stateManager.fullHash(batch.height)!) });
    if (batch.requiresCheckpoint) catchUp.executed(stateManager.latest());
    if (batch.requiresCheckpoint) checkpoints = checkpoints.then(() => writeCheckpoint(batch.height)).catch(options.onCheckpointFailure);
    options.onBlock?.(block, batch);
  }

  const consensus = createConsensus({
    nodeId: keys.nodeId, subnetId, keys, membership: options.membership, membersAt: (version) => options.membersAt(version as RegistryVersion), transcripts: options.transcripts, verifier: options.verifier, clock, params: options.params,
    replicaVersionAt: options.replicaVersionAt, genesis: options.origin ?? { time: options.genesis.time, registryVersion: options.genesis.registryVersion },
    payloadBuilder, decodeIngress: options.envelopes.read,
    registryVersion: options.registryVersion,
    stateInfo: {
      get latestCertifiedHeight() { return undisclosed.at(-1)?.height ?? stateManager.latestCertified()?.state.height ?? height(0); },
      hashesToCertify: () => stateManager.hashesToCertify().filter((waiting) => !undisclosed.some((known) => known.height === waiting.height)),
      deliverCertification: (certification) => { undisclosed.push(certification); },
      checkpointHash: (at) => catchUp.rootAt(at),
    },
    expectedBatchHeight: () => height(stateManager.latest().height + 1),
    deliverBatch, hasWork,
    ...(log && { log }),
  });
  // A node that diverged takes the others' state; it does not compute its own once more.
  const restored = store.heights(options.diverged?.state.height ?? options.origin?.height ?? height(0)), writers = new Map(restored.map(({ height: at, icx }) => [at, icx]));
  consensus.restore(restored.flatMap(({ entries }) => entries.map(({ bytes }) => bytes)));
  /** Newest height whose certification in the journal is of another root than ours (design D10). */
  let diverged: Height | undefined;
  function noteDivergence(at: Height): void {
    if (diverged === undefined) options.onDivergence(at, writers.get(at));
    diverged = at;
  }
  if (options.loaded !== undefined && knownCertification !== undefined && stateManager.latestCertified() === undefined) noteDivergence(options.loaded.state.height);
  function compareWithJournal(at: Height, root: Uint8Array): void {
    const known = consensus.pool.at("certification", at);
    if (known.length > 0 && !known.some(({ hash }) => Buffer.compare(hash, root) === 0)) noteDivergence(at);
  }
  /** What this version computes is certified anew: a restart begins there. */
  function settleDivergence(): void {
    const certified = stateManager.latestCertified()?.state.height;
    if (diverged === undefined || certified === undefined || certified < diverged) return;
    diverged = undefined;
    checkpoints = checkpoints.then(() => writeCheckpoint(certified)).catch(options.onCheckpointFailure);
  }

  const catchUp = createCatchUp({
    subnetId, clock, store, stateManager, shared: options.shared, log, diverged: options.diverged,
    peers: () => (options.registry.at(options.registryVersion())?.membership(subnetId) ?? []).filter((id) => id !== keys.nodeId),
    send: (to, bytes) => options.sendTo?.(to, bytes),
    newest() {
      const { catchUp: at } = consensus.heights, [pack] = consensus.pool.at("catchUpPackage", at);
      if (pack === undefined) return options.origin?.height === at ? { height: at, root: options.origin.stateHash } : undefined;
      return { height: at, root: pack.content.stateHash };
    },
    offer: offered, onDiverged: options.onStateDivergence, onDifference: options.onDifference, onFailure: options.onSyncFailure,
    onSynced(checkpoint, report) {
      due = firstDue(checkpoint.state, undefined);
      log?.({ room: "sync", event: "synced", subnet: subnetId, node: keys.nodeId, height: report.height, moved: report.bytesMoved, reused: report.bytesReused });
      checkpoints = checkpoints.then(() => writeCheckpoint(report.height)).catch(options.onCheckpointFailure);
      options.onSynced(checkpoint, report);
    },
  });
  function offered(): readonly Uint8Array[] { return consensus.offer().map(({ bytes }) => framed(WIRE.artifact, bytes)); }

  let purgeAt: Time | undefined;
  /** What no block may carry any more does not stay: its receiver was deleted, or it came too late. */
  function purgePool(now: Time): void {
    if (purgeAt !== undefined && now < purgeAt) return;
    pool.purgeExpired(now);
    purgeAt = time(now + PURGE_INTERVAL);
  }

  function hasWork(): boolean {
    const state = stateManager.latest();
    // A subnet without a certified state can answer nothing yet.
    if (stateManager.latestCertified() === undefined && undisclosed.length === 0) return true;
    // A change of the registry takes effect with the next block; a subnet that is to stop does so after some.
    if (options.registryVersion() > state.registryVersion) return true;
    if (options.params.haltsAt?.(options.registryVersion()) === true || options.replicaVersionAt(options.registryVersion()) !== consensus.replicaVersion) return !consensus.isHalted;
    // After a pause: clients take no certificate of a time that long ago.
    if (state.time + STATE_AGE_MAX < clock.now()) return true;
    if (pool.size > 0 || state.active.size > 0 || state.subnetQueue.length > 0 || state.consensusQueue.length > 0 || state.subnetCalls.length > 0 || state.refunds !== undefined) return true;
    return (due !== undefined && due <= clock.now()) || hasNews(state);
  }
  /** Whether another subnet has something for this one that is in no executed block yet. */
  const hasNews = (state: ReplicatedState): boolean => otherSubnets(options.registryVersion()).some((source) => {
    const position = streamPosition(state, source), header = options.streams.peek(source, position);
    return header !== undefined && isNews(header, position);
  });

  // The keys of a chain that begins again came with its first summary.
  if (options.origin !== undefined) consensus.prepare();
  if (options.loaded !== undefined) log?.({ room: "commit", event: "loaded", subnet: subnetId, height: options.loaded.state.height, stateHash: hexFromBytes(options.loaded.fullHash) });
  let lastBlock = 0, onlyHashed = false;
  const journal = createNodeJournal(store, consensus);

  async function writeCheckpoint(at: Height): Promise<void> {
    if (at < checkpointHeight) return; // the one before it took long, and wrote a newer state
    const state = stateManager.at(at) ?? stateManager.latest(), certified = stateManager.latestCertified();
    await store.checkpoint(state, certified?.state.height === state.height ? certified.certification : undefined);
    checkpointHeight = state.height;
    store.forgetBelow(consensus.heights.catchUp);
  }

  /** For the other nodes: made since the last flush began, and on disk since it ended. */
  let made: Uint8Array[] = [], told: readonly Uint8Array[] = [];
  const collect = (): void => {
    const outgoing = consensus.outgoing();
    if (options.send !== undefined) for (const { bytes } of outgoing) made.push(framed(WIRE.artifact, bytes));
  };

  return {
    keys, stateManager, queryStats: queryStats.collector,
    advance() {
      let changed = consensus.advance();
      // Protocol digest §1.4, rule 17: a block on the finalized tip may be made for the state that the tip was made for.
      stateManager.keepFrom(consensus.pool.finalized(consensus.heights.finalized)?.block.context.certifiedHeight ?? height(0));
      // A finalized block whose tape was not prepared ahead.
      while (consensus.heights.finalized > stateManager.latest().height && consensus.prepare()) changed = consensus.advance() || changed;
      const hashing = catchUp.isHashing, caughtUp = catchUp.advance();
      collect();
      changed ||= made.length > 0;
      onlyHashed = hashing && caughtUp && !changed;
      return caughtUp || changed;
    },
    onlySpare: () => onlyHashed,
    prepare() { consensus.prepare(); collect(); },
    async persist() {
      journal();
      const ready = made;
      made = [];
      await store.flushed();
      told = ready;
    },
    publish() {
      for (const bytes of told) options.send?.(bytes);
      told = [];
      for (const certification of undisclosed) {
        if (log !== undefined) traceCertified(certification.height);
        log?.({ room: "certification", event: "disclosed", subnet: subnetId, height: certification.height });
        const delivered = stateManager.deliverCertification(certification);
        assert(delivered.ok || delivered.error.kind === "unknownHeight", `the subnet certifies the root that this node computed at height ${certification.height}`);
      }
      undisclosed = [];
      settleDivergence();
    },
    load: () => ({ waiting: pool.size, lastBlock }),
    nextWake() {
      return [consensus.nextDeadline, due, catchUp.nextDeadline].reduce((first, at) => (first === undefined || (at !== undefined && at < first) ? at : first), undefined);
    },
    submit(message) {
      const certified = stateManager.latestCertified()?.state ?? stateManager.latest();
      if (certified.ingressHistory.has(message.messageId)) return ok(undefined);
      const inspected = options.ingressFilter.inspect(certified, message);
      trace("gatehouse", inspected.ok ? "accepted" : "rejected", [message], certified.height);
      if (!inspected.ok) return inspected;
      const added = pool.add(options.envelopes.accepted(message), "user");
      trace("pool", added.ok ? added.value : "full", [message], certified.height);
      if (added.ok && added.value === "added") options.send?.(framed(WIRE.ingress, message.envelope));
      return added.ok ? ok(undefined) : { ok: false, error: { kind: "overloaded" } };
    },
    get progress() { return { ...consensus.heights, isHalted: consensus.isHalted }; }, get checkpointHeight() { return checkpointHeight; }, get replicaVersion() { return consensus.replicaVersion; },
    get upgradesTo() {
      const wanted = consensus.wantedReplicaVersion, { height: latest } = stateManager.latest();
      if (wanted === consensus.replicaVersion) return undefined;
      // Whoever executed the package's height can answer from it; others have more to fetch, and do it in their next life.
      return latest < consensus.heights.catchUp || stateManager.latestCertified()?.state.height === latest ? wanted : undefined;
    },
    handOver() {
      const certified = stateManager.latestCertified(), state = certified?.state ?? stateManager.latest();
      return { pool, loaded: { state, certification: certified?.certification, fullHash: stateManager.fullHash(state.height)! } };
    },
    receive(from, bytes) {
      if (bytes[0] !== WIRE.artifact && bytes[0] !== WIRE.ingress) return catchUp.receive(from, bytes);
      const content = contentOf(bytes);
      if (bytes[0] === WIRE.artifact) return consensus.receive(content, from);
      const message = options.envelopes.read(content);
      if (message === undefined || stateManager.latest().ingressHistory.has(message.messageId)) return false;
      const added = pool.add(message, from);
      return added.ok && added.value === "added";
    },
    offer: offered,
    get isFetching() { return catchUp.isFetching; }, isPooled: (id) => pool.get(id) !== undefined, settled: () => checkpoints,
    corrupt() {
      const corrupted = corruptState(stateManager.latest());
      if (corrupted !== undefined) stateManager.adopt(corrupted.state);
      return corrupted?.corruption;
    },
    async checkpoint() {
      journal();
      await checkpoints;
      const { height: latest } = stateManager.latest();
      await (checkpointHeight === latest ? store.flushed() : writeCheckpoint(latest));
    },
  };
}
