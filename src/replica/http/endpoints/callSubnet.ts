import { principalToText, userError } from "../../types/index.ts";
import { cborAnswer } from "../answer.ts";
import { defineEndpoint } from "../defineEndpoint.ts";
import { subnetById } from "../route.ts";
import { authenticCall, rejectionOf } from "../submitCall.ts";

/** Interface spec 0.60, "Effective subnet id": admins of a subnet create canisters on it. No subnet of a local network has admins. */
export const callSubnet = defineEndpoint({
  name: "callSubnet", summary: "Create a canister on a subnet, for the subnet's admins",
  versions: ["v4"], method: "POST", path: "subnet/:id/call",
  respond(context, { id, body }) {
    const routed = subnetById(context.network, id);
    if (!routed.ok) return routed.error;
    const call = authenticCall(context, routed.value.subnet, { kind: "subnet", id: routed.value.id }, body);
    if (!call.ok) return call.error;
    const rejection = userError("IC0410", `Caller ${principalToText(call.value.sender)} is not a subnet admin of subnet ${id} and cannot call ic00 method ${call.value.method}`);
    return cborAnswer({ status: "non_replicated_rejection", ...rejectionOf(rejection) });
  },
});
