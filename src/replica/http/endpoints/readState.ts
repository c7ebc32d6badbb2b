import type { Principal } from "../../types/index.ts";
import type { SubnetView } from "../../interfaces/subnet.ts";
import { type Answer, cborAnswer } from "../answer.ts";
import { type EndpointContext, type Exchange, defineEndpoint } from "../defineEndpoint.ts";
import { type ReadStateTarget, readStateAccess } from "../readStateAccess.ts";
import { refusalAnswer } from "../refusalText.ts";
import { revealedPaths } from "../revealedPaths.ts";
import { subnetById, subnetOfCanister, unhealthyAnswer } from "../route.ts";

function certified({ network, validator }: EndpointContext, { body, version }: Exchange, scope: ReadStateTarget["scope"], id: Principal, subnet: SubnetView): Answer {
  const unhealthy = unhealthyAnswer(subnet);
  if (unhealthy !== undefined) return unhealthy;
  const validated = validator.readState(body, subnet.now());
  if (!validated.ok) return refusalAnswer(validated.error);
  const { topology } = subnet.certifiedState();
  const target: ReadStateTarget = { scope, version: version === "v2" ? "v2" : "v3", id, subnet, rootSubnet: topology.rootSubnet };
  const refused = readStateAccess(target, validated.value);
  if (refused !== undefined) return refused;
  const paths = [...revealedPaths(validated.value.paths, target.version, topology), [Buffer.from("time")]];
  return cborAnswer({ certificate: subnet.certificate(paths, version === "v2" ? "flat" : "sharded") });
}

/** Interface spec, "Request: Read state". */
export const readState = defineEndpoint({
  name: "readState", summary: "Certified parts of the state, at the id of a canister",
  versions: ["v2", "v3"], method: "POST", foreground: true, path: "canister/:id/read_state",
  respond(context, exchange) {
    const routed = subnetOfCanister(context.network, exchange.id);
    return routed.ok ? certified(context, exchange, "canister", routed.value.id, routed.value.subnet) : routed.error;
  },
});

/** Interface spec, "Request: Read state", at the id of a subnet. */
export const readStateOfSubnet = defineEndpoint({
  name: "readStateOfSubnet", summary: "Certified parts of the state, at the id of a subnet",
  versions: ["v2", "v3"], method: "POST", foreground: true, path: "subnet/:id/read_state",
  respond(context, exchange) {
    const routed = subnetById(context.network, exchange.id);
    return routed.ok ? certified(context, exchange, "subnet", routed.value.id, routed.value.subnet) : routed.error;
  },
});
