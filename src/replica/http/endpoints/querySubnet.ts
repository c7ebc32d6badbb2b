import { defineEndpoint } from "../defineEndpoint.ts";
import { refusalAnswer } from "../refusalText.ts";
import { subnetById, unhealthyAnswer } from "../route.ts";
import { signedQueryAnswer } from "../signedQueryAnswer.ts";

/** Interface spec 0.60, "Effective subnet id": admins of a subnet list its canisters. */
export const querySubnet = defineEndpoint({
  name: "querySubnet", summary: "List the canisters of a subnet, for the subnet's admins",
  versions: ["v3"], method: "POST", foreground: true, path: "subnet/:id/query",
  respond({ network, validator }, { id, body }) {
    const routed = subnetById(network, id);
    if (!routed.ok) return routed.error;
    const { subnet } = routed.value;
    const unhealthy = unhealthyAnswer(subnet);
    if (unhealthy !== undefined) return unhealthy;
    const validated = validator.query(body, { kind: "subnet", id: routed.value.id }, subnet.now());
    if (!validated.ok) return refusalAnswer(validated.error);
    const node = subnet.forQuery();
    return signedQueryAnswer(node, validated.value, node.ask(validated.value.query));
  },
});
