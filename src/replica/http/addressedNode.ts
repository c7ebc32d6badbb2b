import { type NodeId, type Result, err, ok, principalFromText } from "../types/index.ts";
import type { NetworkView } from "../interfaces/subnet.ts";
import { type Answer, textAnswer } from "./answer.ts";

/** A request that carries the id of a node is answered by that node, or not at all. */
export const NODE_HEADER = "x-icx-node";

/**
 * The network as one node shows it: its own subnet, answered and signed by itself; other subnets are not there. 400 for an id that is no
 * node's, 503 for a node that does not run.
 */
export function throughNode(network: NetworkView, text: string): Result<NetworkView, Answer> {
  const id = principalFromText(text.trim()), found = id === undefined ? undefined : network.node?.(id as NodeId);
  if (found === undefined) return err(textAnswer(400, `${NODE_HEADER}: the network has no node ${text.slice(0, 80)}`));
  if (!found.running) return err(textAnswer(503, `${NODE_HEADER}: the node ${text.slice(0, 80)} does not run`));
  const { view } = found;
  return ok({
    rootKey: network.rootKey, subnets: [view], defaultSubnet: view,
    subnet: (subnet) => (subnet === view.subnetId ? view : undefined),
    subnetOf: (canister) => (network.subnetOf(canister)?.subnetId === view.subnetId ? view : undefined),
  });
}
