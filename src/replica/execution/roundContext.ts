import type { CanisterLogLine } from "../interfaces/execution.ts";
import type { ReceiptRecorder } from "../interfaces/receipts.ts";
import type { Log } from "../interfaces/runtime.ts";
import type { SubnetParams } from "../params/subnetParams.ts";
import type { StateTip } from "../state/stateTip.ts";
import type { CanisterId, MessageId } from "../types/index.ts";
import type { Step } from "./executeSliced.ts";
import type { LongRuns } from "./longRuns/longRuns.ts";
import type { Places } from "./pausable.ts";
import type { ProgramStore } from "./programs.ts";
import type { SubnetView } from "./systemApi/host.ts";

/** What every execution of one round shares. */
export interface RoundContext {
  readonly tip: StateTip;
  readonly params: SubnetParams;
  readonly subnet: SubnetView;
  readonly programs: ProgramStore;
  readonly longRuns: LongRuns;
  /** The message under way. */
  step: Step;
  readonly places: Places;
  /** Instructions that the management call under way is charged, and that take none of the round's time. */
  spared: bigint;
  /** 32 fresh bytes of the round's random tape, another value at each call. */
  random(): Uint8Array;
  readonly onLog?: (line: CanisterLogLine) => void;
  readonly log?: Log;
  /** Present while somebody wants receipts. */
  readonly receipts?: ReceiptRecorder;
}

/** Rooms 12 and 13 of the walk: a debug line of a user's message. */
export function tell({ log, tip }: RoundContext, room: "round" | "execution", event: string, messageId: MessageId, instructions?: bigint): void {
  log?.({ room, event, messageId, subnet: tip.base.subnetId, height: tip.height, ...(instructions !== undefined && { instructions }) });
}

/** Told of what a canister printed or why it trapped; without effect on the state. */
export function reportLog(round: RoundContext, canister: CanisterId, content: Uint8Array): void {
  round.onLog?.({ canister, time: round.tip.time, content, replicated: true });
}
