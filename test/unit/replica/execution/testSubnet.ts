import wabtModule from "wabt";
import { candidFromPrincipal, decodeCandid, encodeCandid } from "../../../../src/replica/codec/candid.ts";
import { MANAGEMENT_TYPES, type ManagementMethodName } from "../../../../src/replica/codec/candidManagement.ts";
import { managementTarget } from "../../../../src/replica/codec/managementTarget.ts";
import { createExecution, createParamsOf } from "../../../../src/replica/execution/createExecution.ts";
import type { NativeProgram } from "../../../../src/replica/execution/native/nativeProgram.ts";
import { importSignatures } from "../../../../src/replica/execution/systemApi/systemCallRows.ts";
import { createWasmEngine } from "../../../../src/replica/execution/wasm/createWasmEngine.ts";
import type { ReceiptRecorder } from "../../../../src/replica/interfaces/receipts.ts";
import type { SubnetParams } from "../../../../src/replica/params/subnetParams.ts";
import type { SliceReader } from "../../../../src/replica/messaging/sliceInduction.ts";
import { createMessageRouting } from "../../../../src/replica/messaging/messageRouting.ts";
import { genesisState } from "../../../../src/replica/state/genesisState.ts";
import type { ReplicatedState } from "../../../../src/replica/state/replicatedState.ts";
import {
  type Batch, type CanisterId, type Hash, type IngressStatus, MANAGEMENT_CANISTER_ID, type MessageId, type Principal, type Result, type SenderInfo, type SignedIngress, type SubnetId, type UserError, canisterIdFromIndex,
  height, hexFromBytes, messageId, registryVersion, subnetId, time,
} from "../../../../src/replica/types/index.ts";
import { hash } from "node:crypto";

const wabt = await wabtModule();
/** The bytes of a module written as text. */
export function wasmFromText(text: string): Uint8Array {
  const module = wabt.parseWat("test.wat", text, { memory64: true } as never);
  return new Uint8Array(module.toBinary({}).buffer);
}
export const USER = "aa" .repeat(28) + "02" as Principal;
export const OTHER = "bb".repeat(28) + "02" as Principal;
export const START = 1_700_000_000_000_000_000n;
export const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
export const bytes = (value: string): Uint8Array => new TextEncoder().encode(value);
export const candidPrincipal = candidFromPrincipal;

export interface TestSubnet {
  state: ReplicatedState;
  now: bigint;
  /** One batch with these messages; time moves by this many seconds. */
  round(messages?: readonly SignedIngress[], seconds?: number, streams?: Batch["streams"], registry?: number, checkpoint?: boolean): void;
  ingress(receiver: CanisterId, method: string, arg?: Uint8Array, sender?: Principal): SignedIngress;
  status(message: SignedIngress): IngressStatus;
  /** Sends, runs rounds until the answer is there (at most ten), gives it. */
  call(receiver: CanisterId, method: string, arg?: Uint8Array, sender?: Principal): IngressStatus;
  query(receiver: CanisterId, method: string, arg?: Uint8Array, sender?: Principal, senderInfo?: SenderInfo): Result<Uint8Array, UserError>;
  /** The same through the door that does not wait for long queries. */
  ask(receiver: CanisterId, method: string, arg?: Uint8Array): Result<Uint8Array, UserError> | Promise<Result<Uint8Array, UserError>>;
  inspect(message: SignedIngress): Result<void, UserError>;
  manage(method: ManagementMethodName, args: Record<string, unknown>, sender?: Principal): unknown;
  create(cycles?: bigint, settings?: Record<string, unknown>): CanisterId;
  install(id: CanisterId, module: Uint8Array | string, mode?: Record<string, unknown>, arg?: Uint8Array): unknown;
  /** Ends the threads. */
  close(): Promise<void>;
}
const SETTINGS = ["controllers", "compute_allocation", "memory_allocation", "freezing_threshold", "reserved_cycles_limit", "minimum_incoming_canister_call_cycles", "log_visibility",
  "snapshot_visibility", "status_visibility", "wasm_memory_limit", "wasm_memory_threshold", "environment_variables", "log_memory_limit"];
export const settingsOf = (given: Record<string, unknown>): Record<string, unknown> => Object.fromEntries(SETTINGS.map((name) => [name, name in given ? [given[name]] : []]));

/** Canisters with a timer or a deadline: what is due within the hour. The ends of their cycles lie far behind it. */
export const dueSoon = ({ state, now }: TestSubnet): readonly CanisterId[] => [...state.due].filter(([key]) => BigInt(`0x${key.slice(0, 16)}`) < now + 3_600_000_000_000n).map(([, id]) => id);

/** One subnet with a real engine, driven batch by batch. */
export function createTestSubnet(options: { readonly type?: "application" | "system"; readonly natives?: readonly NativeProgram[]; readonly logs?: string[];
  readonly remote?: { readonly id: SubnetId; readonly start: CanisterId; readonly end: CanisterId }; readonly readSlice?: SliceReader; readonly params?: Partial<SubnetParams>;
  readonly pricedAs?: number; readonly admins?: readonly Principal[]; /** Long messages run in threads of their own. */ readonly threads?: boolean; readonly state?: ReplicatedState; readonly receipts?: ReceiptRecorder } = {}): TestSubnet {
  const id = subnetId(Uint8Array.from([1, 2, 3]));
  const topology = {
    rootSubnet: id, rootKey: new Uint8Array(133).fill(7), routingTable: [{ start: canisterIdFromIndex(0x10n), end: canisterIdFromIndex(0xffffn), subnet: id }, ...(options.remote === undefined ? [] : [{ start: options.remote.start, end: options.remote.end, subnet: options.remote.id }])],
    subnets: [{ id, type: options.type ?? "application" as const, publicKey: new Uint8Array(133), nodes: [], pricedAs: options.pricedAs ?? 13, ...(options.admins !== undefined && { admins: options.admins }) }, ...(options.remote === undefined ? [] : [{ id: options.remote.id, type: "application" as const, publicKey: new Uint8Array(133), nodes: [], pricedAs: 13 }])],
  };
  const profile = createParamsOf("local"), paramsOf = (state: ReplicatedState): SubnetParams => ({ ...profile(state), ...options.params });
  const execution = createExecution({
    engine: createWasmEngine(importSignatures), paramsOf, ...(options.natives !== undefined && { nativePrograms: options.natives }), threads: options.threads === true,
    ...(options.receipts !== undefined && { receipts: options.receipts }),
    ...(options.logs !== undefined && { onCanisterLog: (line) => options.logs!.push(text(line.content)) }),
  });
  const routing = createMessageRouting({ scheduler: execution.scheduler, paramsOf, readSlice: options.readSlice ?? (() => undefined), ...(options.receipts !== undefined && { receipts: options.receipts }) });
  let counter = 0;
  const subnet: TestSubnet = {
    state: options.state ?? genesisState({ subnetId: id, topology, time: time(START) }), now: options.state?.time ?? START, close: () => execution.longRuns.close(),
    round(messages = [], seconds = 0, streams = [], registry = subnet.state.registryVersion || 1, checkpoint = false) {
      subnet.now += BigInt(Math.round(seconds * 1e9)) + 1_000_000n;
      subnet.state = routing.processBatch(subnet.state, {
        height: height(subnet.state.height + 1), time: time(subnet.now), registryVersion: registryVersion(registry), requiresCheckpoint: checkpoint, streams, consensusResponses: [],
        randomness: new Uint8Array(hash("sha256", `tape ${subnet.state.height}`, "buffer")) as Hash<"RandomTape">, ingress: messages,
      }, topology);
    },
    ingress(receiver, method, arg = new Uint8Array(0), sender = USER) {
      const effectiveCanisterId = managementTarget(method, arg) ?? receiver;
      return { messageId: messageId(hash("sha256", `message ${counter++}`, "buffer")), sender, receiver, effectiveCanisterId, method, arg, expiry: time(subnet.now + 300_000_000_000n), envelope: new Uint8Array(200) };
    },
    status: (message) => subnet.state.ingressHistory.get(message.messageId) ?? { kind: "unknown" },
    call(receiver, method, arg, sender) {
      const message = subnet.ingress(receiver, method, arg, sender);
      subnet.round([message]);
      for (let i = 0; i < 10 && !["completed", "failed"].includes(subnet.status(message).kind); i++) subnet.round();
      return subnet.status(message);
    },
    query: (receiver, method, arg = new Uint8Array(0), sender = USER, senderInfo) => execution.queryHandler.query(subnet.state, { sender, receiver, method, arg, ...(senderInfo && { senderInfo }) }, () => bytes("certificate")),
    ask: (receiver, method, arg = new Uint8Array(0)) => execution.queryHandler.ask(subnet.state, { sender: USER, receiver, method, arg }, () => bytes("certificate")),
    inspect: (message) => execution.ingressFilter.inspect(subnet.state, message),
    manage(method, args, sender) {
      const status = subnet.call(MANAGEMENT_CANISTER_ID, method, encodeCandid(MANAGEMENT_TYPES[method].args, [args]), sender);
      if (status.kind !== "completed") return status.kind === "failed" ? { code: status.code, message: status.message } : status.kind;
      const decoded = decodeCandid(MANAGEMENT_TYPES[method].results, status.reply);
      return decoded.ok ? decoded.value[0] : decoded.error;
    },
    create(cycles = 100_000_000_000_000n, settings) {
      const made = subnet.manage("provisional_create_canister_with_cycles", { amount: [cycles], settings: settings === undefined ? [] : [settingsOf(settings)], specified_id: [], sender_canister_version: [] });
      return hexFromBytes((made as { canister_id: { toUint8Array(): Uint8Array } }).canister_id.toUint8Array()) as CanisterId;
    },
    install: (id, module, mode = { install: null }, arg = new Uint8Array(0)) => subnet.manage("install_code", {
      mode, canister_id: candidPrincipal(id), wasm_module: typeof module === "string" ? wasmFromText(module) : module, arg, sender_canister_version: [],
    }),
  };
  return subnet;
}
export type { MessageId };
