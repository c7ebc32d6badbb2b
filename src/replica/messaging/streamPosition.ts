import type { StreamPosition } from "../interfaces/xnet.ts";
import type { ReplicatedState } from "../state/replicatedState.ts";
import { EMPTY_STREAM } from "../state/stateTip.ts";
import type { SubnetId } from "../types/index.ts";

/** How far a state has got with the stream from another subnet. */
export function streamPosition({ streams }: ReplicatedState, source: SubnetId): StreamPosition {
  const { begin, messages, signalsEnd, rejectSignals } = streams.get(source) ?? EMPTY_STREAM;
  return { message: signalsEnd, begin, end: begin + BigInt(messages.length), firstReject: rejectSignals[0]?.index };
}
