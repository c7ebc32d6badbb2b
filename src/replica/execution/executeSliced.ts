import type { PausedExecution } from "../state/canisterState.ts";
import type { CanisterTip } from "../state/canisterTip.ts";
import type { StateTip } from "../state/stateTip.ts";
import { type Executed, type Execution, execute } from "./hypervisor.ts";
import type { LongJob, LongRun } from "./longRuns/longRun.ts";
import type { RoundContext } from "./roundContext.ts";
import type { MessagesTaken } from "./systemApi/host.ts";

/** Leaves a message whose execution goes on in a later round: whoever began the message puts everything back to where it was before. */
export class Pause {
  /** Slices that each execution of the message was granted so far. */
  readonly slices: readonly number[];
  constructor(slices: readonly number[]) { this.slices = slices; }
}

/** The message of a canister that is under way, and which of its executions comes next. */
export interface Step { readonly paused: PausedExecution | undefined; /** Whether one more message may go on in slices now. */ readonly hasPlace: boolean; executions: number }

/** What messages hold when a message of many slices begins; it sees the same to its end. */
export const takenNow = ({ messages: { guaranteed, callbacks } }: Pick<StateTip, "messages">): MessagesTaken => ({ guaranteed, callbacks });
const NONE_TAKEN: MessagesTaken = { guaranteed: 0, callbacks: 0 };

/** What the execution's outcome depends on, as it is now: the canister goes back to what it was before the message. */
function jobOf(round: RoundContext, canister: CanisterTip, what: Execution): LongJob {
  const inFlight = new Map([...canister.callbacks.values()].map(({ receiver }) => [receiver, canister.callsInFlight(receiver)]));
  return {
    what: { ...what, system: { ...what.system }, callsInFlight: (peer) => inFlight.get(peer) ?? 0 }, inFlight: [...inFlight], topology: round.tip.topology,
    subnet: { ...round.subnet, time: round.step.paused?.time ?? round.tip.time, memoryTaken: ((taken) => () => taken)(round.step.paused?.memoryTaken ?? round.tip.memoryTaken),
      messagesTaken: ((taken) => () => taken)(round.step.paused === undefined ? takenNow(round.tip) : round.step.paused.messagesTaken ?? NONE_TAKEN) },
    sliceInstructions: round.params.sliceInstructions,
  };
}

/**
 * Executes a part of a message: here if it fits into one slice, otherwise elsewhere, a slice a round (design D6). The state knows no message in
 * the middle: the round takes it back and tries again in the next one, when the execution has come further.
 * @throws Pause when the execution goes on after its slice
 */
export function executeSliced(round: RoundContext, canister: CanisterTip, what: Execution): Executed {
  const { params, step, longRuns } = round, { paused } = step, index = step.executions++, granted = paused?.slices[index];
  const run = (): LongRun => longRuns.run({ subnet: round.subnet.subnetId, canister: canister.id, since: paused?.since ?? round.tip.height, index }, jobOf(round, canister, what));
  const before = paused?.slices.slice(0, index) ?? [];
  if (granted === undefined) {
    const subnet = paused === undefined ? round.subnet : { ...round.subnet, time: paused.time, memoryTaken: () => paused.memoryTaken, messagesTaken: () => paused.messagesTaken ?? NONE_TAKEN };
    if (what.instructionsMax <= params.sliceInstructions) return execute(round.programs, subnet, what);
    const first = execute(round.programs, subnet, { ...what, instructionsMax: params.sliceInstructions });
    if (first.outcome.kind !== "trapped" || first.outcome.error.code !== "IC0522") return first;
    if (step.hasPlace) run().allow(2);
    throw new Pause([...before, 1]);
  }
  const known = run(), executed = known.within(granted + 1);
  if (executed !== undefined) return executed;
  known.allow(granted + 2);
  throw new Pause([...before, granted + 1]);
}
