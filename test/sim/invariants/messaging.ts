import { createHash } from "node:crypto";
import { readStreamSlice } from "../../../src/replica/certification/streamSlice.ts";
import { encodeStreamMessage } from "../../../src/replica/codec/streamCodec.ts";
import type { ReplicatedState } from "../../../src/replica/state/replicatedState.ts";
import { EMPTY_STREAM } from "../../../src/replica/state/stateTip.ts";
import { notesOf } from "../chatter.ts";
import type { Executed } from "../replicatedSubnet.ts";
import type { Course, Invariant } from "./invariant.ts";

/** Calls the rule for each height of either subnet that is executed for the first time. */
const onExecuted = ({ network }: Course, rule: (executed: Executed) => void): void => network?.listen(rule);
const states = ({ network }: Course): readonly ReplicatedState[] => (network?.subnets ?? []).map(({ newest }) => newest);
const digestOf = (message: Parameters<typeof encodeStreamMessage>[0]): string => createHash("sha256").update(encodeStreamMessage(message)).digest("hex");
/** Canisters that noted that a rule was broken. */
function notes(rule: string, say: (what: string) => void, course: Course): void {
  for (const state of states(course)) for (const [, { execution }] of state.canisters) if (execution !== undefined) for (const fault of notesOf(execution.stable).faults) if (fault.rule === rule) say(fault.what);
}
/** All that still is on its way: streams, queues, open calls. */
function underWay(course: Course): readonly string[] {
  return states(course).flatMap((state) => [
    ...[...state.streams].flatMap(([to, { messages }]) => (messages.length > 0 ? [`${messages.length} messages in the stream to ${to.slice(0, 8)}`] : [])),
    ...[...state.canisters].flatMap(([id, { system: { queues, callbacks, callContexts } }]) => {
      const waiting = queues.input.length + queues.output.length + queues.ingress.length, open = Object.keys(callbacks).length, contexts = Object.keys(callContexts).length;
      return waiting + open + contexts > 0 ? [`${waiting} messages, ${open} callbacks and ${contexts} contexts at ${id}`] : [];
    }),
  ]);
}

export const X1: Invariant = {
  name: "X1", says: "a stream's begin ≤ the other's signals ≤ its end; indices only grow and are never given twice",
  watch(_, say, course) {
    const ends = new Map<string, bigint>(), signals = new Map<string, bigint>(), messages = new Map<string, string>();
    onExecuted(course, ({ before, after }) => {
      const own = after.subnetId;
      for (const [other, stream] of after.streams) {
        if (other === own || stream === before.streams.get(other)) continue;
        const old = before.streams.get(other) ?? EMPTY_STREAM, end = stream.begin + BigInt(stream.messages.length), out = `${own}>${other}`, back = `${other}>${own}`;
        if (stream.begin < old.begin || end < old.begin + BigInt(old.messages.length) || stream.signalsEnd < old.signalsEnd) say(`a stream goes back at height ${after.height}`);
        ends.set(out, end);
        signals.set(back, stream.signalsEnd);
        if (stream.begin > (signals.get(out) ?? 0n)) say(`messages below ${stream.begin} were forgotten, the other took those below ${signals.get(out) ?? 0n}`);
        if (stream.signalsEnd > (ends.get(back) ?? 0n)) say(`messages below ${stream.signalsEnd} were taken, the other sent those below ${ends.get(back) ?? 0n}`);
        for (const [i, message] of stream.messages.entries()) {
          const index = `${out} ${stream.begin + BigInt(i)}`, known = messages.get(index);
          if (known !== undefined && i > 0 && i < stream.messages.length - 1) continue;
          const digest = digestOf(message);
          if (known === undefined) messages.set(index, digest); else if (known !== digest) say(`index ${index.split(" ")[1]} was given twice`);
        }
      }
    });
    return {};
  },
};

export const X2: Invariant = {
  name: "X2", says: "whatever is inducted is in the certified stream of its source, at that index",
  watch(cluster, say, course) {
    const sent = new Map<string, string>();
    onExecuted(course, ({ before, batch, after }) => {
      for (const [other, stream] of after.streams) {
        const old = before.streams.get(other);
        for (let i = Math.max(0, (old === undefined ? 0 : Number(old.begin - stream.begin) + old.messages.length)); i < stream.messages.length; i++) sent.set(`${after.subnetId}>${other} ${stream.begin + BigInt(i)}`, digestOf(stream.messages[i]!));
      }
      for (const slice of batch.streams) {
        const content = readStreamSlice(slice, after.subnetId), next = (before.streams.get(slice.source) ?? EMPTY_STREAM).signalsEnd, taken = (after.streams.get(slice.source) ?? EMPTY_STREAM).signalsEnd;
        for (const [i, message] of content?.messages.entries() ?? []) {
          const index = content!.begin + BigInt(i);
          if (index >= next && index < taken && sent.get(`${slice.source}>${after.subnetId} ${index}`) !== digestOf(message)) say(`message ${index} of ${slice.source.slice(0, 8)} was never sent`);
        }
      }
    });
    return {};
  },
};

export const X3: Invariant = { name: "X3", says: "each message of a stream is inducted at most once", watch: (_, say, course) => ({ end: () => notes("X3", say, course) }) };

export const X4: Invariant = {
  name: "X4", says: "every call has exactly one answer",
  watch: (_, say, course) => ({ end() {
    notes("X4", say, course);
    for (const state of states(course)) for (const [id, { execution, system }] of state.canisters) {
      const { sent, answered } = execution === undefined ? { sent: 0, answered: 0 } : notesOf(execution.stable), open = Object.keys(system.callbacks).length;
      if (answered + open < sent) say(`canister ${id} made ${sent} calls, ${answered} are answered and ${open} open`);
    }
  } }),
};

export const X5: Invariant = { name: "X5", says: "a guaranteed call never ends unknown", watch: (_, say, course) => ({ end: () => notes("X5", say, course) }) };
export const X6: Invariant = { name: "X6", says: "requests from one canister to another come in the order in which they were sent", watch: (_, say, course) => ({ end: () => notes("X6", say, course) }) };

/** All cycles of a state: balances, reserved ones, what is in messages, what was paid. */
function cyclesOf(state: ReplicatedState): bigint {
  let sum = state.metrics.consumedCyclesTotal;
  for (const [, { system }] of state.canisters) sum += system.balance + system.reservedBalance;
  return sum;
}
export const X7: Invariant = {
  name: "X7", says: "when all is answered, no cycles have come or gone: balances and what was paid are what there was",
  watch(_, say, course) {
    const first = new Map<string, bigint>();
    onExecuted(course, ({ before }) => { if (!first.has(before.subnetId)) first.set(before.subnetId, cyclesOf(before)); });
    return { end() {
      if (underWay(course).length > 0 || first.size < 2) return;
      const then = [...first.values()].reduce((sum, cycles) => sum + cycles), now = states(course).reduce((sum, state) => sum + cyclesOf(state), 0n);
      if (then !== now) say(`there were ${then} cycles, there are ${now}: ${now - then}`);
    } };
  },
};

export const X8: Invariant = {
  name: "X8", says: "memory is reserved for the answers of open guaranteed calls, and for nothing when all are answered",
  watch: (_, say, course) => {
    onExecuted(course, ({ after }) => {
      const open = [...after.canisters].reduce((sum, [, { system }]) => sum + Object.values(system.callbacks).filter(({ deadline }) => deadline === undefined).length, 0), reserved = after.metrics.messages?.guaranteed ?? 0;
      if (reserved < open * RESPONSE_BYTES - answersOf(after) * RESPONSE_BYTES) say(`${reserved} bytes are reserved for ${open} open calls at height ${after.height}`);
    });
    return { end() { if (underWay(course).length === 0) for (const { metrics } of states(course)) if ((metrics.messages?.guaranteed ?? 0) !== 0) say(`${metrics.messages!.guaranteed} bytes stay reserved`); } };
  },
};
const RESPONSE_BYTES = 2 * 1024 * 1024;
/** Answers that wait in input queues: their places are filled. */
const answersOf = (state: ReplicatedState): number => [...state.canisters].reduce((sum, [, { system }]) => sum + system.queues.input.filter((message) => message.kind === "response" && message.deadline === undefined).length, 0);

export const X9: Invariant = {
  name: "X9", says: "no batch is refused by an assertion of message routing or execution",
  watch: (_, say, course) => ({ end() { for (const subnet of course.network?.subnets ?? []) for (const what of subnet.critical) say(what); } }),
};

const QUEUE_MAX = 500;
export const X10: Invariant = {
  name: "X10", says: "at most 500 calls of one canister to another are open",
  watch(_, say, course) {
    onExecuted(course, ({ before, after }) => {
      for (const [id, canister] of after.canisters) {
        if (canister === before.canisters.get(id)) continue;
        const open = new Map<string, number>();
        for (const { receiver } of Object.values(canister.system.callbacks)) open.set(receiver, (open.get(receiver) ?? 0) + 1);
        for (const [receiver, count] of open) if (count > QUEUE_MAX) say(`${count} calls of ${id} to ${receiver} are open at height ${after.height}`);
      }
    });
    return {};
  },
};

export const X11: Invariant = {
  name: "X11", says: "without new messages everything that is under way ends",
  watch: (_, say, course) => ({ end() { if (course.network !== undefined) for (const what of underWay(course)) say(what); } }),
};
