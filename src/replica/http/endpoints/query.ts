import { MANAGEMENT_CANISTER_ID } from "../../types/index.ts";
import { textAnswer } from "../answer.ts";
import { defineEndpoint } from "../defineEndpoint.ts";
import { refusalAnswer } from "../refusalText.ts";
import { subnetOfCanister, unhealthyAnswer } from "../route.ts";
import { signedQueryAnswer } from "../signedQueryAnswer.ts";

/** Interface spec, "Request: Query call". */
export const query = defineEndpoint({
  name: "query", summary: "Run a query method on one node and get the node's signature",
  versions: ["v2", "v3"], method: "POST", foreground: true, path: "canister/:id/query",
  respond({ network, validator }, { id, body, version }) {
    const routed = subnetOfCanister(network, id);
    if (!routed.ok) return routed.error;
    const { subnet } = routed.value;
    const unhealthy = unhealthyAnswer(subnet);
    if (unhealthy !== undefined) return unhealthy;
    const validated = validator.query(body, { kind: "canister", id: routed.value.id }, subnet.now());
    if (!validated.ok) return refusalAnswer(validated.error);
    const { query } = validated.value;
    if (routed.value.id === MANAGEMENT_CANISTER_ID && query.method !== "list_canisters") {
      return textAnswer(400, `The effective canister id of ${query.method.slice(0, 100)} is the canister that it is about, not the management canister`);
    }
    const node = subnet.forQuery();
    return signedQueryAnswer(node, validated.value, node.ask(query, version === "v2" ? "flat" : "sharded"));
  },
});
