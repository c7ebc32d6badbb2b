import { createHash } from "node:crypto";
import { PagedMemory } from "../../../../src/replica/state/pagedMemory.ts";
import type { CanisterState } from "../../../../src/replica/state/canisterState.ts";
import type { ReplicatedState } from "../../../../src/replica/state/replicatedState.ts";
import { type MessageId, type Request, canisterIdFromIndex, cycles, height, time } from "../../../../src/replica/types/index.ts";
import { OTHER_SUBNET, SUBNET, canister, sampleState } from "../certification/sampleState.ts";

/** A stream of bytes that follows from a seed: tests draw the rounds of a subnet's life from it. */
export function seeded(seed: string): (below: number) => number {
  let counter = 0;
  return (below) => createHash("sha256").update(`${seed} ${counter++}`).digest().readUInt32BE() % below;
}

const page = (draw: (below: number) => number): Uint8Array => new Uint8Array(4096).fill(1 + draw(255));
const touched = (memory: PagedMemory, draw: (below: number) => number, pages: number): PagedMemory =>
  memory.with(Array.from({ length: 1 + draw(6) }, () => [draw(pages), page(draw)] as const), memory.wasmPages + draw(2));

function changed(one: CanisterState, draw: (below: number) => number): CanisterState {
  const request: Request = { kind: "request", sender: one.id, receiver: one.id, callback: draw(9), method: "m".repeat(draw(40)), arg: new Uint8Array(draw(3000)).fill(draw(256)), cycles: cycles(BigInt(draw(1000))), senderVersion: 1n };
  const system = {
    ...one.system, balance: cycles(one.system.balance - BigInt(draw(1000))), version: one.system.version + 1n, certifiedData: new Uint8Array(draw(33)).fill(draw(256)),
    queues: { ...one.system.queues, input: [...one.system.queues.input, request].slice(-draw(20)) }, callContexts: { ...one.system.callContexts, [draw(50)]: { origin: { kind: "system" }, responded: false, deleted: false, availableCycles: cycles(0n), since: time(1n), instructions: 5n } } as const,
    schedule: { accumulatedPriority: draw(100) / 7 - 3, lastFullExecutionRound: draw(9) },
  };
  const { execution } = one;
  return { ...one, system, execution: execution && (draw(3) === 0 ? execution : { ...execution, globals: new Uint8Array(24).fill(draw(256)), heap: touched(execution.heap, draw, 300), stable: draw(4) === 0 ? touched(execution.stable, draw, 70_000) : execution.stable }) };
}

/** The next version of a state: some canisters come, go and change, messages arrive and are forgotten, streams move. */
export function nextState(state: ReplicatedState, draw: (below: number) => number): ReplicatedState {
  let { canisters, ingressHistory, streams, active } = state;
  for (let i = draw(6); i > 0; i--) {
    const id = canisterIdFromIndex(BigInt(draw(60))), known = canisters.get(id);
    canisters = known === undefined ? canisters.set(id, canister(id, draw(200), draw(4) > 0)) : draw(12) === 0 ? canisters.delete(id) : canisters.set(id, changed(known, draw));
    active = draw(2) === 0 ? active.set(id, true) : active.delete(id);
  }
  for (let i = draw(30); i > 0; i--) {
    const id = createHash("sha256").update(String(draw(400))).digest("hex") as MessageId, at = canisterIdFromIndex(1n);
    ingressHistory = draw(4) === 0 ? ingressHistory.delete(id) : ingressHistory.set(id, { kind: "completed", receiver: at, sender: at, effectiveCanisterId: at, time: time(BigInt(draw(1000))), expiry: time(0n), reply: new Uint8Array(draw(2000)).fill(3) });
  }
  const to = draw(2) === 0 ? SUBNET : OTHER_SUBNET, old = streams.get(to) ?? { begin: 0n, messages: [], signalsEnd: 0n, rejectSignals: [] };
  streams = streams.set(to, { ...old, signalsEnd: old.signalsEnd + BigInt(draw(3)) });
  return { ...state, height: height(state.height + 1), time: time(state.time + 1n), canisters, ingressHistory, streams, active };
}

/** The version after so many rounds of a seed. */
export function stateAfter(seed: string, rounds: number, from: ReplicatedState = sampleState()): ReplicatedState {
  let state = from;
  for (let i = 0; i < rounds; i++) state = nextState(state, seeded(`${seed} ${state.height}`));
  return state;
}
