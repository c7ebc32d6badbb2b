import { type CanisterId, MANAGEMENT_CANISTER_ID, type NodeId, type Principal, type Result, type SubnetId, err, ok, principalFromText, createCache } from "../types/index.ts";
import type { NetworkView, RemoteSubnet, SubnetFacts, SubnetView } from "../interfaces/subnet.ts";
import { type Answer, textAnswer } from "./answer.ts";

/** Every request of a client names the same few ids. */
const IDS_KEPT = 1024;
const ids = createCache<Principal>(IDS_KEPT);
function principalOf(text: string): Principal | undefined {
  const known = ids.peek(text);
  if (known !== undefined) return known;
  const id = principalFromText(text);
  if (id !== undefined) ids.set(text, id);
  return id;
}

const badId = (text: string): Answer => textAnswer(400, `Invalid URL: Cannot parse \`${text.slice(0, 80)}\` to a principal`);

/**
 * Interface spec, "Effective canister id": the subnet whose ranges hold the id. `aaaaa-aa` is in nobody's ranges; calls about no canister yet
 * go to the default subnet, and the endpoints say which those are.
 */
export function subnetOfCanister(network: NetworkView, text: string): Result<{ readonly id: CanisterId; readonly subnet: SubnetView }, Answer> {
  const id = principalOf(text) as CanisterId | undefined;
  if (id === undefined) return err(badId(text));
  const subnet = id === MANAGEMENT_CANISTER_ID ? network.subnet(network.defaultSubnet.subnetId) : network.subnetOf(id);
  return subnet === undefined ? err(textAnswer(400, `canister_not_found: no subnet hosts the effective canister id ${text}`)) : ok({ id, subnet });
}

/** Interface spec, "Effective subnet id". */
export function subnetById(network: NetworkView, text: string): Result<{ readonly id: SubnetId; readonly subnet: SubnetView }, Answer> {
  const id = principalOf(text) as SubnetId | undefined;
  if (id === undefined) return err(badId(text));
  const subnet = network.subnet(id);
  return subnet === undefined ? err(textAnswer(400, `subnet_not_found: the network has no subnet ${text}`)) : ok({ id, subnet });
}

/** The subnet of another thread that a request is for: by the node that it names, else by the id in its path. */
export function subnetElsewhere({ elsewhere, defaultSubnet }: NetworkView, scope: string | undefined, text: string | undefined, node: string | undefined): RemoteSubnet | undefined {
  if (elsewhere === undefined) return undefined;
  const id = principalOf(node?.trim() ?? text ?? "");
  if (id === undefined) return undefined;
  if (node !== undefined) return elsewhere.node(id as NodeId);
  if (scope === "subnet" || id === MANAGEMENT_CANISTER_ID) return elsewhere.subnet(scope === "subnet" ? id as SubnetId : defaultSubnet.subnetId);
  return elsewhere.canister(id as CanisterId);
}

const camel = (name: string): string => name.split("_").map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
/** 503 while the subnet has no certified state to answer from. One that stopped refuses updates and goes on answering from what it has certified. */
export const unhealthyAnswer = (subnet: SubnetView): Answer | undefined => subnet.health === "healthy" || subnet.health === "certified_state_behind" ? undefined : notReady(subnet);
/** 503 for whoever the subnet cannot serve now. */
export const notReady = (subnet: SubnetFacts): Answer =>
  textAnswer(503, `Replica is unhealthy: ${camel(subnet.health)}. Check the /api/v2/status for more information.`);
