import { createHash } from "node:crypto";
import { IDL } from "@dfinity/candid";
import type { CanisterState } from "../../../../src/replica/state/canisterState.ts";
import type { NetworkTopology, ReplicatedState, SubnetTopology, SubnetType } from "../../../../src/replica/state/replicatedState.ts";
import type { VerifyCertificate } from "../../../../src/replica/interfaces/ingress.ts";
import type { NetworkView, Path, SubnetView } from "../../../../src/replica/interfaces/subnet.ts";
import type { CertifiedWitness } from "../../../../src/replica/interfaces/stateManager.ts";
import type { Timers } from "../../../../src/replica/interfaces/runtime.ts";
import type { Bls } from "../../../../src/replica/interfaces/crypto.ts";
import {
  type CanisterId, type Hash, type IngressStatus, type MessageId, type Principal, type Result, type SignedIngress, type SubnetId, type UserError,
  canisterIdFromIndex, cycles, err, height, ok, principalToText, time, userError,
} from "../../../../src/replica/types/index.ts";
import { createCertificateVerifier } from "../../../../src/replica/certification/verifyCertificate.ts";
import { createVerifier } from "../../../../src/replica/crypto/verifier.ts";
import { encodeCertificate } from "../../../../src/replica/certification/certificate.ts";
import { createDelegation } from "../../../../src/replica/certification/delegation.ts";
import { type StateTree, buildStateTree } from "../../../../src/replica/certification/stateTree.ts";
import { derOfBlsKey, nodeIdOfKey, subnetIdOfKey } from "../../../../src/replica/crypto/der.ts";
import { ed25519Key } from "../../../../src/replica/crypto/ed25519.ts";
import { loadFastBls } from "../../../../src/replica/crypto/fastBls.ts";
import { separated } from "../../../../src/replica/crypto/domain.ts";
import { digest } from "../../../../src/replica/hashTree/labeledTree.ts";
import { witness } from "../../../../src/replica/hashTree/witness.ts";
import { createHttpInterface, type HttpFunction, type HttpOptions } from "../../../../src/replica/http/createHttpInterface.ts";
import { createRequestValidator } from "../../../../src/replica/ingress/requestValidator.ts";
import { createRealRuntime } from "../../../../src/replica/runtime/real.ts";
import { genesisState } from "../../../../src/replica/state/genesisState.ts";
import { defaultSettings, newCanister } from "../../../../src/replica/state/newCanister.ts";

const label = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const seed = (name: string): Uint8Array => new Uint8Array(createHash("sha256").update(name).digest());

/** A subnet of one node that knows one program, a counter; its state, tree, keys and certificates are the real ones. */
export interface TestSubnet extends SubnetView {
  readCertified(paths: readonly Path[]): CertifiedWitness;
  /** Messages wait without an answer while held. */
  hold(): void;
  release(): void;
  readonly submissions: number;
  /** Puts a status into the certified history. */
  setStatus(id: MessageId, status: IngressStatus): void;
  setCanister(canister: CanisterState): void;
  setHealth(health: SubnetView["health"]): void;
  /** The next submission is refused like this. */
  refuseNext(error: UserError | { readonly kind: "overloaded" }): void;
}

interface Keys { readonly secret: Uint8Array; readonly topology: SubnetTopology; readonly node: ReturnType<typeof ed25519Key> }
function subnetKeys(bls: Bls, name: string, type: SubnetType): Keys {
  const secret = seed(`${name} bls`);
  secret[0] = 1; // below the group order
  const publicKey = bls.publicKey(secret), node = ed25519Key(seed(`${name} node`));
  return { secret, node, topology: { id: subnetIdOfKey(publicKey), type, publicKey: derOfBlsKey(publicKey), nodes: [{ id: nodeIdOfKey(node.publicKey), publicKey: node.publicKey }], pricedAs: 13 } };
}

function counterReply(count: bigint, method: string, arg: Uint8Array): Result<{ readonly count: bigint; readonly reply: Uint8Array }, UserError> {
  const answer = (value: bigint): Uint8Array => new Uint8Array(IDL.encode([IDL.Nat], [value]));
  if (method === "get") return ok({ count, reply: answer(count) });
  if (method !== "increment") return err(userError("IC0536", `Canister has no method '${method}'.`));
  const next = count + (IDL.decode([IDL.Nat], arg)[0] as unknown as bigint);
  return ok({ count: next, reply: answer(next) });
}

function createTestSubnet(bls: Bls, keys: Keys, genesis: ReplicatedState, root: TestSubnet | undefined): TestSubnet {
  let tree: StateTree = buildStateTree(genesis), count = 0n, health: SubnetView["health"] = "healthy", held = false, submissions = 0;
  let refusal: UserError | { readonly kind: "overloaded" } | undefined;
  const queue: SignedIngress[] = [], waiting = new Map<MessageId, Set<() => void>>();
  const { clock } = createRealRuntime();
  const now = (): ReturnType<typeof clock.now> => clock.now();
  const commit = (state: ReplicatedState): void => {
    tree = buildStateTree({ ...state, time: now(), height: height(tree.state.height + 1), prevStateHash: digest(tree.root) }, tree);
  };
  const round = (): void => {
    if (held) return;
    for (const message of queue.splice(0)) {
      const base = { receiver: message.receiver, sender: message.sender, effectiveCanisterId: message.effectiveCanisterId, time: now(), expiry: message.expiry };
      const result = counterReply(count, message.method, message.arg);
      if (result.ok) count = result.value.count;
      const status: IngressStatus = result.ok ? { kind: "completed", ...base, reply: result.value.reply } : { kind: "failed", ...base, code: result.error.code, rejectCode: 5, message: result.error.message };
      commit({ ...tree.state, ingressHistory: tree.state.ingressHistory.set(message.messageId, status) });
      for (const wake of waiting.get(message.messageId) ?? []) wake();
      waiting.delete(message.messageId);
    }
  };
  const readCertified = (paths: readonly Path[]): CertifiedWitness => {
    const hash = digest(tree.root) as Hash<"StateRoot">;
    return { witness: witness(tree.root, [...paths, [label("time")]]), certification: { height: tree.state.height, hash, signature: bls.sign(keys.secret, separated("ic-state-root", hash)) } };
  };
  const view: TestSubnet = {
    forQuery: () => view,
    subnetId: keys.topology.id, type: keys.topology.type, nodeId: keys.topology.nodes[0]!.id,
    get health() { return health; },
    get certifiedHeight() { return tree.state.height; },
    get submissions() { return submissions; },
    certifiedState: () => tree.state,
    certificate(paths, format) {
      commit(tree.state); // certificates of a living subnet are recent
      const { witness: shown, certification } = readCertified(paths);
      const delegation = root && createDelegation(root, keys.topology.id, format);
      return encodeCertificate({ tree: shown, signature: certification.signature, ...(delegation && { delegation }) });
    },
    submit(message) {
      submissions++;
      if (refusal !== undefined) { const refused = refusal; refusal = undefined; return err(refused); }
      if (message.method === "reject") return err(userError("IC0406", "Canister rejected the message"));
      queue.push(message);
      setImmediate(round);
      return ok(undefined);
    },
    ingressStatus: (id) => tree.state.ingressHistory.get(id) ?? { kind: "unknown" },
    whenAnswered(id, wake) {
      const wakes = waiting.get(id) ?? new Set();
      waiting.set(id, wakes.add(wake));
      return () => wakes.delete(wake);
    },
    query({ receiver, method, arg }) {
      if (!tree.state.canisters.has(receiver)) return err(userError("IC0301", `Canister ${principalToText(receiver)} not found`));
      if (method === "increment") return err(userError("IC0536", "Canister has no query method 'increment'."));
      const result = counterReply(count, method, arg);
      return result.ok ? ok(result.value.reply) : result;
    },
    ask(query) { return this.query(query); },
    signResponse: async (hash) => ({ signature: keys.node.sign(separated("ic-response", hash)), identity: keys.topology.nodes[0]!.id }),
    now,
    hold() { held = true; },
    release() { held = false; round(); },
    setStatus: (id, status) => commit({ ...tree.state, ingressHistory: tree.state.ingressHistory.set(id, status) }),
    setCanister: (canister) => commit({ ...tree.state, canisters: tree.state.canisters.set(canister.id, canister) }),
    setHealth(next) { health = next; },
    refuseNext(error) { refusal = error; },
    readCertified,
  };
  return view;
}
export const COUNTER = canisterIdFromIndex(0x100000n);
export const CONTROLLER = "0102030405" as Principal;

export interface TestNetwork {
  readonly view: NetworkView;
  readonly root: TestSubnet;
  readonly application: TestSubnet;
  readonly http: HttpFunction;
  readonly verifyCertificate: VerifyCertificate;
  /** For agents: the interface as a `fetch`. */
  readonly fetch: typeof globalThis.fetch;
}

/** Two subnets with real keys and real certificates behind the HTTP interface. */
export async function createTestNetwork(options: { readonly timers?: Timers } & Partial<HttpOptions> = {}): Promise<TestNetwork> {
  const bls = await loadFastBls(), runtime = createRealRuntime();
  const rootKeys = subnetKeys(bls, "root", "system"), applicationKeys = subnetKeys(bls, "application", "application");
  const topology: NetworkTopology = {
    rootSubnet: rootKeys.topology.id, rootKey: rootKeys.topology.publicKey,
    subnets: [rootKeys.topology, applicationKeys.topology].sort((a, b) => (a.id < b.id ? -1 : 1)),
    routingTable: [
      { start: canisterIdFromIndex(0n), end: canisterIdFromIndex(0xfffffn), subnet: rootKeys.topology.id },
      { start: COUNTER, end: canisterIdFromIndex(0x1fffffn), subnet: applicationKeys.topology.id },
    ],
  };
  const genesis = (subnetId: SubnetId): ReplicatedState => genesisState({ subnetId, topology, time: runtime.clock.now() });
  const root = createTestSubnet(bls, rootKeys, genesis(rootKeys.topology.id), undefined);
  const application = createTestSubnet(bls, applicationKeys, genesis(applicationKeys.topology.id), root);
  application.setCanister(counterCanister());
  const subnets = [root, application];
  const view: NetworkView = {
    rootKey: topology.rootKey, subnets, defaultSubnet: application,
    subnetOf: (canister: CanisterId) => subnets.find(({ subnetId }) => subnetId === topology.routingTable.find(({ start, end }) => start.length === canister.length && start <= canister && canister <= end)?.subnet),
    subnet: (id) => subnets.find(({ subnetId }) => subnetId === id),
  };
  const verifyCertificate = createCertificateVerifier(createVerifier(bls), () => topology.rootKey);
  const http = createHttpInterface(view, { validator: createRequestValidator(verifyCertificate), timers: options.timers ?? runtime.timers, ...options });
  const fetch: typeof globalThis.fetch = (input, init) => http(new Request(input as string, init));
  return { view, root, application, http, verifyCertificate, fetch };
}

function counterCanister(): CanisterState {
  const empty = newCanister(COUNTER, { settings: defaultSettings([CONTROLLER]), balance: cycles(1_000_000_000_000n), now: time(0n), origin: { kind: "user", user: CONTROLLER } });
  const module = label("a counter");
  return {
    ...empty,
    execution: {
      module, moduleHash: new Uint8Array(createHash("sha256").update(module).digest()), exports: [], memory64: false, instructionCount: 1, globals: new Uint8Array(),
      metadata: [{ name: "candid:service", visibility: "public", content: label("service : { increment : (nat) -> (nat); get : () -> (nat) query }") }, { name: "secret", visibility: "private", content: label("for controllers") }],
    } as unknown as NonNullable<CanisterState["execution"]>, // no heap: nothing here executes wasm
  };
}
