import { ACCEPTED, cborAnswer } from "../answer.ts";
import { defineEndpoint } from "../defineEndpoint.ts";
import { subnetOfCanister } from "../route.ts";
import { authenticCall, rejectionOf, submitted } from "../submitCall.ts";

/** Interface spec, "Request: Asynchronous Call". */
export const callAsync = defineEndpoint({
  name: "callAsync", summary: "Submit an update call and poll for its answer with read_state",
  versions: ["v2"], method: "POST", path: "canister/:id/call",
  respond(context, { id, body }) {
    const routed = subnetOfCanister(context.network, id);
    if (!routed.ok) return routed.error;
    const { subnet } = routed.value;
    const call = authenticCall(context, subnet, { kind: "canister", id: routed.value.id }, body);
    if (!call.ok) return call.error;
    // A message that the subnet knows is not submitted again: replays change nothing.
    if (subnet.ingressStatus(call.value.messageId).kind !== "unknown") return ACCEPTED;
    const refused = submitted(subnet, call.value);
    if (refused === undefined) return ACCEPTED;
    return "answer" in refused ? refused.answer : cborAnswer(rejectionOf(refused.rejection));
  },
});
