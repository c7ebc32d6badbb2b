import { createHash } from "node:crypto";
import type { Certification, DeliveredBlock } from "../../src/replica/interfaces/consensus.ts";
import type { Verifier } from "../../src/replica/interfaces/crypto.ts";
import type { StateManager } from "../../src/replica/interfaces/stateManager.ts";
import { buildStateTree } from "../../src/replica/certification/stateTree.ts";
import { isSignedBySubnet, makeStreamSlice, readStreamSlice } from "../../src/replica/certification/streamSlice.ts";
import { createPayloadBuilder } from "../../src/replica/consensus/payload/createPayloadBuilder.ts";
import { createIngressSection } from "../../src/replica/consensus/payload/ingressSection.ts";
import { createXNetSection, isNews } from "../../src/replica/consensus/payload/xnetSection.ts";
import { createExecution, createParamsOf } from "../../src/replica/execution/createExecution.ts";
import { importSignatures } from "../../src/replica/execution/systemApi/systemCallRows.ts";
import { createWasmEngine } from "../../src/replica/execution/wasm/createWasmEngine.ts";
import { createIngressPool } from "../../src/replica/ingress/pool.ts";
import { createMessageRouting } from "../../src/replica/messaging/messageRouting.ts";
import { streamPosition } from "../../src/replica/messaging/streamPosition.ts";
import { genesisState } from "../../src/replica/state/genesisState.ts";
import type { NetworkTopology, ReplicatedState } from "../../src/replica/state/replicatedState.ts";
import { EMPTY_STREAM } from "../../src/replica/state/stateTip.ts";
import { fullHash } from "../../src/replica/stateManager/fullHash.ts";
import { type BuiltVersion, createStateManager } from "../../src/replica/stateManager/stateManager.ts";
import { type Batch, type CanisterId, type Hash, type Height, type MessageId, type Principal, type SignedIngress, type SubnetId, type Time, bytesFromHex, height, hexFromBytes, registryVersion } from "../../src/replica/types/index.ts";
import { CHATTER } from "./chatter.ts";
import { installed } from "./installed.ts";
import type { Surroundings } from "./simulatedNode.ts";
import type { Delivery, SimulatedState, Snapshot } from "./simulatedState.ts";

/** One height of a subnet, executed for the first time by a node that keeps the rules. */
export interface Executed { readonly subnet: ReplicatedSubnet; readonly before: ReplicatedState; readonly batch: Batch; readonly after: ReplicatedState }

/** What a node shows other subnets. */
export interface Showing { readonly certifiedHeight: number; readonly manager: StateManager }

/** A subnet that executes: the real message routing, scheduler, trees and slices, over canisters that talk to each other. */
export interface ReplicatedSubnet {
  readonly id: SubnetId;
  readonly canisters: readonly CanisterId[];
  readonly genesis: ReplicatedState;
  /** The newest state that an honest node computed. */
  readonly newest: ReplicatedState;
  /** What went wrong in processing a batch: nothing may. */
  readonly critical: readonly string[];
  surroundings(options: { readonly from: Snapshot | undefined; readonly honest: boolean; readonly alone: boolean; readonly corruptAt: number | undefined; readonly now: () => Time }): Surroundings & { readonly showing: () => Showing };
}

const TAG = createHash("sha256").update("authentic").digest("hex").slice(0, 8);
/** A user's message; the tag stands for the signature. */
export function makeIngress(receiver: CanisterId, method: string, arg: Uint8Array, expiry: Time, nonce: number): SignedIngress {
  const envelope = Buffer.from(`${TAG}:${receiver}:${method}:${expiry}:${nonce}:${Buffer.from(arg).toString("base64")}`);
  return authenticate(new Uint8Array(envelope))!;
}
const known = new WeakMap<Uint8Array, SignedIngress>();
export function authenticate(envelope: Uint8Array): SignedIngress | undefined {
  const before = known.get(envelope);
  if (before !== undefined) return before;
  const [tag, receiver, method, expiry, nonce, arg] = Buffer.from(envelope).toString().split(":");
  if (tag !== TAG || receiver === undefined || method === undefined || nonce === undefined || arg === undefined || !/^\d+$/.test(expiry ?? "")) return undefined;
  const message: SignedIngress = {
    messageId: createHash("sha256").update(envelope).digest("hex") as MessageId, sender: "04" as Principal, receiver: receiver as CanisterId, effectiveCanisterId: receiver as CanisterId,
    method, arg: new Uint8Array(Buffer.from(arg, "base64")), expiry: BigInt(expiry!) as Time, envelope,
  };
  known.set(envelope, message);
  return message;
}

export interface ReplicatedSubnetOptions {
  readonly id: SubnetId; readonly topology: NetworkTopology; readonly canisters: number; readonly time: Time; readonly verifier: Verifier;
  /** Nodes of another subnet that answer, the furthest first. */
  readonly peers: (subnet: SubnetId) => Showing | undefined;
  readonly executed: (executed: Executed) => void;
}

/** A bit of the certified tree flips. */
function flippedState(state: ReplicatedState): ReplicatedState {
  const [[id, canister]] = [...state.canisters] as [[CanisterId, NonNullable<ReturnType<ReplicatedState["canisters"]["get"]>>]];
  const certifiedData = Uint8Array.from([...canister.system.certifiedData, 1]);
  return { ...state, canisters: state.canisters.set(id, { ...canister, system: { ...canister.system, certifiedData } }) };
}

export function createReplicatedSubnet({ id, topology, canisters: wanted, time: start, verifier, peers, executed }: ReplicatedSubnetOptions): ReplicatedSubnet {
  const paramsOf = createParamsOf("local"), execution = createExecution({ engine: createWasmEngine(importSignatures), paramsOf, nativePrograms: [CHATTER] });
  const slices = new WeakMap<object, NonNullable<ReturnType<typeof readStreamSlice>>>();
  /** Nodes share what they received: what a slice says is read once. */
  const read = (slice: Parameters<typeof readStreamSlice>[0]): ReturnType<typeof readStreamSlice> => {
    const content = slices.get(slice) ?? readStreamSlice(slice, id);
    if (content !== undefined) slices.set(slice, content);
    return content;
  };
  const routing = createMessageRouting({ scheduler: execution.scheduler, paramsOf, readSlice: read });
  const { state: genesis, ids: canisters } = installed(genesisState({ subnetId: id, topology, time: start }), routing, topology, wanted), critical: string[] = [];
  const work = new WeakMap<ReplicatedState, Map<string, ReplicatedState>>(), versions = new WeakMap<ReplicatedState, BuiltVersion>(), others = topology.subnets.map((other) => other.id).filter((other) => other !== id);
  let newest = genesis;

  function processed(before: ReplicatedState, batch: Batch, hash: string, alone: boolean): ReplicatedState {
    const shared = alone ? undefined : work.get(before) ?? new Map<string, ReplicatedState>();
    if (shared !== undefined) work.set(before, shared);
    const after = shared?.get(hash) ?? ((): ReplicatedState => {
      try { return routing.processBatch(before, batch, topology); } catch (error) { critical.push(error instanceof Error ? error.message : String(error)); throw error; }
    })();
    shared?.set(hash, after);
    return after;
  }
  const subnet: ReplicatedSubnet = {
    id, canisters, genesis, critical, get newest() { return newest; },
    surroundings({ from, honest, alone, corruptAt, now }) {
      const deliveries: Delivery[] = [], certified: Certification[] = [], roots = new Map<number, string>(), snapshots = new Map<number, Snapshot>(), pool = createIngressPool();
      const open = (snapshot: Snapshot | undefined): StateManager => createStateManager({ initial: (snapshot?.content as ReplicatedState | undefined) ?? genesis, buildTree: buildStateTree, hashState: fullHash, ...(!alone && { versions }) });
      let manager = open(from), kept = height(0), base = from?.height ?? 0, certifiedHeight = height(base);
      manager.keepFrom(kept);
      if (from !== undefined) snapshots.set(from.height, from);
      const state: SimulatedState = {
        get height() { return manager.latest().height; }, get base() { return base; }, deliveries, certified, get latestCertifiedHeight() { return certifiedHeight; },
        hashesToCertify: () => manager.hashesToCertify().filter((one) => one.height > certifiedHeight),
        deliverCertification(certification) {
          certified.push(certification);
          manager.deliverCertification(certification);
          if (certification.height > certifiedHeight) certifiedHeight = certification.height;
        },
        checkpointHash: (at) => snapshots.get(at) === undefined ? undefined : bytesFromHex(snapshots.get(at)!.hash) as Hash<"State">,
        deliver(batch: Batch, block: DeliveredBlock) {
          const before = manager.latest(), result = processed(before, batch, block.hash, alone), after = batch.height === corruptAt ? flippedState(result) : result;
          roots.set(batch.height, hexFromBytes(manager.commitAndCertify(after)));
          deliveries.push({ batch, block });
          pool.remove(batch.ingress.map(({ messageId }) => messageId));
          if (batch.requiresCheckpoint) snapshots.set(batch.height, { height: batch.height, hash: hexFromBytes(manager.fullHash(batch.height)!), content: manager.latest() });
          if (!honest || batch.height !== newest.height + 1) return;
          newest = manager.latest();
          executed({ subnet, before, batch, after: newest });
        },
        rootAt: (at) => roots.get(at), snapshot: (at) => snapshots.get(at),
        adopt(snapshot) {
          manager = open(snapshot);
          manager.keepFrom(kept);
          base = snapshot.height;
          snapshots.set(base, snapshot);
          certifiedHeight = height(Math.max(certifiedHeight, base));
        },
      };
      const at = (certifiedAt: Height): ReplicatedState | undefined => manager.at(certifiedAt);
      const streams = {
        peek(source: SubnetId) {
          const shown = peers(source)?.manager.latestCertified()?.state.streams.get(id);
          return shown && { begin: shown.begin, end: shown.begin + BigInt(shown.messages.length), signalsEnd: shown.signalsEnd, rejectSignals: shown.rejectSignals };
        },
        slice(source: SubnetId, first: bigint, bytesMax: number) {
          const peer = peers(source)?.manager, stream = peer?.latestCertified()?.state.streams.get(id);
          return peer && makeStreamSlice((paths) => peer.readCertified(paths), stream ?? EMPTY_STREAM, source, id, first, bytesMax);
        },
      };
      return {
        state, decodeIngress: authenticate, showing: () => ({ certifiedHeight, manager }),
        payloads: createPayloadBuilder({
          ingress: createIngressSection({
            messages: () => pool.select({ time: now(), bytesMax: 1_000_000, messagesMax: 100, isKnown: () => false }), authenticate,
            isKnown: (message, certifiedAt) => at(certifiedAt)?.ingressHistory.has(message), isPayable: (message, certifiedAt) => at(certifiedAt)?.canisters.has(message.receiver),
          }),
          xnet: createXNetSection({
            streams, subnets: () => others, read,
            isCertified: (slice) => isSignedBySubnet(verifier, slice, topology.subnets.find((other) => other.id === slice.source)!.publicKey),
            position(source, certifiedAt) { const found = at(certifiedAt); return found && streamPosition(found, source); },
          }),
        }),
        hasWork() {
          const latest = manager.latest();
          if (pool.size > 0 || latest.active.size > 0 || latest.subnetQueue.length > 0 || latest.subnetCalls.length > 0) return true;
          return others.some((source) => { const header = streams.peek(source); return header !== undefined && isNews(header, streamPosition(latest, source)); });
        },
        keepFrom(needed) { if (needed !== kept) manager.keepFrom(kept = needed); },
        submit: (message) => { if (!manager.latest().ingressHistory.has(message.messageId)) pool.add(message, "user"); },
      };
    },
  };
  return subnet;
}
export const REGISTRY = registryVersion(1);
