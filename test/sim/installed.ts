import { createHash } from "node:crypto";
import { candidFromPrincipal, decodeCandid, encodeCandid } from "../../src/replica/codec/candid.ts";
import { MANAGEMENT_TYPES } from "../../src/replica/codec/candidManagement.ts";
import { managementTarget } from "../../src/replica/codec/managementTarget.ts";
import type { MessageRouting } from "../../src/replica/interfaces/execution.ts";
import type { NetworkTopology, ReplicatedState } from "../../src/replica/state/replicatedState.ts";
import { genesisState } from "../../src/replica/state/genesisState.ts";
import { nativeModule } from "../../src/replica/systemCanisters/nativeModule.ts";
import { type CanisterId, type Hash, MANAGEMENT_CANISTER_ID, type MessageId, type Principal, type SignedIngress, assert, height, hexFromBytes, registryVersion, time } from "../../src/replica/types/index.ts";
import { CHATTER } from "./chatter.ts";

const USER = `${"aa".repeat(28)}02` as Principal, BALANCE = 100_000_000_000_000n, NANOS = 1_000_000n;

/** A subnet's first state with so many canisters that talk to each other, made by batches as a user would have made them; it counts as height 0. */
export function installed(before: ReplicatedState, routing: MessageRouting, topology: NetworkTopology, wanted: number): { readonly state: ReplicatedState; readonly ids: readonly CanisterId[] } {
  let state: ReplicatedState = { ...before, time: time(before.time - 1_000n * NANOS) }, nonce = 0;
  const manage = (method: "provisional_create_canister_with_cycles" | "install_code", args: object): Uint8Array => {
    const arg = encodeCandid(MANAGEMENT_TYPES[method].args, [args]), messageId = createHash("sha256").update(`install ${nonce++}`).digest("hex") as MessageId;
    const message: SignedIngress = { messageId, sender: USER, receiver: MANAGEMENT_CANISTER_ID, effectiveCanisterId: managementTarget(method, arg) ?? before.topology.routingTable.find(({ subnet }) => subnet === before.subnetId)!.start, method, arg, expiry: time(state.time + 60_000n * NANOS), envelope: new Uint8Array(100) };
    for (let round = 0; round < 5 && !["completed", "failed"].includes(state.ingressHistory.get(messageId)?.kind ?? ""); round++) {
      state = routing.processBatch(state, {
        height: height(state.height + 1), time: time(state.time + NANOS), registryVersion: registryVersion(1), requiresCheckpoint: false, streams: [], consensusResponses: [],
        randomness: new Uint8Array(32) as Hash<"RandomTape">, ingress: round === 0 ? [message] : [],
      }, topology);
    }
    const status = state.ingressHistory.get(messageId);
    assert(status?.kind === "completed", `canisters are installed: ${status?.kind === "failed" ? status.message : "no answer"}`);
    return status.reply;
  };
  const ids = Array.from({ length: wanted }, (): CanisterId => {
    const created = decodeCandid(MANAGEMENT_TYPES.provisional_create_canister_with_cycles.results, manage("provisional_create_canister_with_cycles", { amount: [BALANCE], settings: [], specified_id: [], sender_canister_version: [] }));
    assert(created.ok, "the answer is candid");
    const id = hexFromBytes((created.value[0] as { canister_id: { toUint8Array(): Uint8Array } }).canister_id.toUint8Array()) as CanisterId;
    manage("install_code", { mode: { install: null }, canister_id: candidFromPrincipal(id), wasm_module: nativeModule(CHATTER), arg: new Uint8Array(0), sender_canister_version: [] });
    return id;
  });
  const first = genesisState({ subnetId: before.subnetId, topology, time: before.time });
  return { ids, state: { ...state, height: height(0), time: before.time, prevStateHash: new Uint8Array(0), ingressHistory: first.ingressHistory, ingressExpiries: first.ingressExpiries } };
}
