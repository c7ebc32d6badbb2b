import { textAnswer } from "../answer.ts";
import { answeredCall } from "../answeredCall.ts";
import { defineEndpoint } from "../defineEndpoint.ts";
import { subnetById } from "../route.ts";
import { authenticCall } from "../submitCall.ts";

/** Interface spec 0.60, "Effective subnet id": admins of a subnet create canisters on it. */
export const callSubnet = defineEndpoint({
  name: "callSubnet", summary: "Create a canister on a subnet, for the subnet's admins",
  versions: ["v4"], method: "POST", path: "subnet/:id/call",
  respond(context, { id, body }) {
    const routed = subnetById(context.network, id);
    if (!routed.ok) return routed.error;
    const call = authenticCall(context, routed.value.subnet, { kind: "subnet", id: routed.value.id }, body);
    if (!call.ok) return call.error;
    const { method } = call.value;
    return method === "create_canister" ? answeredCall(context, routed.value.subnet, call.value, "sharded")
      : textAnswer(400, `The effective canister id of ${method.slice(0, 100)} is the canister that it is about, not a subnet`);
  },
});
