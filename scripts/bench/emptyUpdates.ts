import { createHash, randomBytes } from "node:crypto";
import { createExecution, createParamsOf } from "../../src/replica/execution/createExecution.ts";
import { importSignatures } from "../../src/replica/execution/systemApi/systemCallRows.ts";
import { createWasmEngine } from "../../src/replica/execution/wasm/createWasmEngine.ts";
import { createMessageRouting } from "../../src/replica/messaging/messageRouting.ts";
import type { ReplicatedState } from "../../src/replica/state/replicatedState.ts";
import { type CanisterId, type Hash, type Principal, type SignedIngress, height, messageId, time } from "../../src/replica/types/index.ts";
import { median } from "./row.ts";

const MESSAGES = 200, ROUNDS = 40;
const ANYBODY = "04" as Principal, ENVELOPE = new Uint8Array(200);

/** A canister whose update `nothing` answers at once. */
export const NOTHING = `(module (import "ic0" "msg_reply" (func $reply)) (memory 1) (func (export "canister_update nothing") call $reply))`;

/** Median microseconds of an empty update inside a round that begins with this state: the state machine alone. */
export function emptyUpdateUs(initial: ReplicatedState, canister: CanisterId): number {
  const paramsOf = createParamsOf("local"), { scheduler } = createExecution({ engine: createWasmEngine(importSignatures), paramsOf });
  const routing = createMessageRouting({ scheduler, paramsOf, readSlice: () => undefined });
  let state = initial;
  const round = (count: number): number => {
    const messages = Array.from({ length: count }, (): SignedIngress => ({
      messageId: messageId(randomBytes(32)), sender: ANYBODY, receiver: canister, effectiveCanisterId: canister, method: "nothing", arg: new Uint8Array(0), expiry: time(state.time + 300_000_000_000n), envelope: ENVELOPE,
    }));
    const start = performance.now();
    state = routing.processBatch(state, {
      height: height(state.height + 1), time: time(state.time + 1_000_000n), registryVersion: state.registryVersion, requiresCheckpoint: false, streams: [], consensusResponses: [],
      randomness: new Uint8Array(createHash("sha256").update(String(state.height)).digest()) as Hash<"RandomTape">, ingress: messages,
    }, state.topology);
    const ms = performance.now() - start;
    if (!messages.every((message) => state.ingressHistory.get(message.messageId)?.kind === "completed")) throw new RangeError("every message is answered in its round");
    return ms;
  };
  const each: number[] = [];
  for (let i = 0; i < ROUNDS; i++) { const empty = round(0); each.push((round(MESSAGES) - empty) / MESSAGES * 1000); }
  return median(each.slice(ROUNDS / 2));
}
