import { answeredCall } from "../answeredCall.ts";
import { defineEndpoint } from "../defineEndpoint.ts";
import { subnetOfCanister } from "../route.ts";
import { authenticCall } from "../submitCall.ts";

/** Interface spec, "Request: Call". */
export const callSync = defineEndpoint({
  name: "callSync", summary: "Submit an update call and get the certificate of its answer",
  versions: ["v3", "v4"], method: "POST", path: "canister/:id/call",
  respond(context, { id, body, version }) {
    const routed = subnetOfCanister(context.network, id);
    if (!routed.ok) return routed.error;
    const { subnet } = routed.value;
    const call = authenticCall(context, subnet, { kind: "canister", id: routed.value.id }, body);
    return call.ok ? answeredCall(context, subnet, call.value, version === "v3" ? "flat" : "sharded") : call.error;
  },
});
