import { type MessageId, type SignedIngress, bytesFromHex } from "../types/index.ts";
import type { DelegationFormat, Path, SubnetView } from "../interfaces/subnet.ts";
import { ACCEPTED, type Answer, cborAnswer } from "./answer.ts";
import type { EndpointContext } from "./defineEndpoint.ts";
import { rejectionOf, submitted } from "./submitCall.ts";

const TERMINAL: readonly string[] = ["completed", "failed", "done"];
const label = (text: string): Uint8Array => Buffer.from(text);

/** Interface spec, "Request: Call": status is `replied` for rejected calls too; the certificate says which. */
const certifiedAnswer = (subnet: SubnetView, id: MessageId, format: DelegationFormat): Answer => {
  const paths: readonly Path[] = [[label("request_status"), bytesFromHex(id)], [label("time")]];
  return cborAnswer({ status: "replied", certificate: subnet.certificate(paths, format) });
};

/** Resolves to true when the message has a certified answer, to false when the time is up or `start` gives up. */
function waitForAnswer(context: EndpointContext, subnet: SubnetView, id: MessageId, start: () => boolean): Promise<boolean> {
  return new Promise((resolve) => {
    const cancels: (() => void)[] = [];
    let settled = false;
    const settle = (answered: boolean): void => {
      if (settled) return;
      settled = true;
      for (const cancel of cancels) cancel();
      const left = (context.waiting.get(id) ?? 1) - 1;
      if (left === 0) context.waiting.delete(id); else context.waiting.set(id, left);
      resolve(answered);
    };
    context.waiting.set(id, (context.waiting.get(id) ?? 0) + 1);
    // Subscribed before the message is submitted: an answer cannot slip through between.
    cancels.push(subnet.whenAnswered(id, () => settle(TERMINAL.includes(subnet.ingressStatus(id).kind))));
    if (!settled && !start()) return settle(false);
    if (settled) for (const cancel of cancels) cancel();
    else cancels.push(context.timers.after(context.callTimeout, `call ${id}`, () => settle(false)));
  });
}

/** Submits an authentic call and waits for its certificate; 202 when the time is up (interface spec, "Synchronous canister calling"). */
export async function answeredCall(context: EndpointContext, subnet: SubnetView, message: SignedIngress, format: DelegationFormat): Promise<Answer> {
  const id = message.messageId, known = subnet.ingressStatus(id).kind;
  if (TERMINAL.includes(known)) return certifiedAnswer(subnet, id, format);
  let refusal: ReturnType<typeof submitted>;
  const answered = await waitForAnswer(context, subnet, id, () => {
    const alreadyOnItsWay = known !== "unknown" || (context.waiting.get(id) ?? 0) > 1;
    if (!alreadyOnItsWay) refusal = submitted(subnet, message);
    return refusal === undefined;
  });
  if (answered) return certifiedAnswer(subnet, id, format);
  if (refusal === undefined) return ACCEPTED;
  return "answer" in refusal ? refusal.answer : cborAnswer({ status: "non_replicated_rejection", ...rejectionOf(refusal.rejection) });
}
