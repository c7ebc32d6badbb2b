import { isManagementOf } from "../state/routing.ts";
import { EMPTY_STREAM, type StateTip } from "../state/stateTip.ts";
import { type CertifiedStreamSlice, REJECT, type Request, type Response, principalToText } from "../types/index.ts";

/** A slice whose certificate consensus has checked: messages from `begin`, and what the other subnet says of ours. */
export interface StreamSlice { readonly begin: bigint; readonly messages: readonly (Request | Response)[]; readonly signalsEnd: bigint; readonly rejectSignals: readonly { readonly index: bigint; readonly reason: string }[] }
export type SliceDecoder = (slice: CertifiedStreamSlice) => StreamSlice;

/** Inducts messages of other subnets in the order of their streams, and forgets those of ours that they have taken. */
export function inductSlices(tip: StateTip, slices: readonly CertifiedStreamSlice[], decode: SliceDecoder): void {
  for (const slice of slices) {
    const { begin, messages, signalsEnd } = decode(slice), ours = tip.streams.get(slice.source) ?? EMPTY_STREAM;
    let taken = ours.signalsEnd;
    for (const [i, message] of messages.entries()) {
      if (begin + BigInt(i) !== taken) continue;
      taken++;
      const receiver = tip.canister(message.kind === "request" ? message.receiver : message.originator);
      if (receiver !== undefined) tip.deliver(receiver, message);
      else if (message.kind === "request") inductOrReject(tip, message);
    }
    const done = signalsEnd > ours.begin ? signalsEnd - ours.begin : 0n;
    tip.streams = tip.streams.set(slice.source, { ...ours, begin: ours.begin + done, messages: ours.messages.slice(Number(done)), signalsEnd: taken });
  }
}

/** A request of another subnet to no canister of this one: a management call, or an answer that says so. */
function inductOrReject(tip: StateTip, request: Request): void {
  const { sender, receiver, callback, cycles, deadline } = request;
  if (isManagementOf(tip.base.subnetId, receiver)) { tip.subnetQueue.push(request); return; }
  tip.subnetOutput.push({
    kind: "response", originator: sender, respondent: receiver, callback, refund: cycles, ...(deadline !== undefined && { deadline }),
    payload: { kind: "reject", code: REJECT.destinationInvalid, message: `Canister ${principalToText(receiver)} not found`, errorCode: "IC0301" },
  });
}
