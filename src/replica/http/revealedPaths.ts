import { type Principal, hexFromBytes, principalBytes } from "../types/index.ts";
import type { NetworkTopology } from "../state/replicatedState.ts";
import type { Path } from "../interfaces/subnet.ts";

const label = (text: string): Uint8Array => Buffer.from(text);
/** What the tree holds of one subnet, the deprecated flat ranges aside. */
const SUBNET_LEAVES = ["public_key", "type", "node", "metrics"] as const;

/** What is shown of one subnet when all of it is asked for. */
function shownOf(id: Principal, topology: NetworkTopology): readonly Path[] {
  const leaves = id === topology.rootSubnet ? [...SUBNET_LEAVES, "canister_ranges"] : SUBNET_LEAVES;
  return leaves.map((leaf) => [label("subnet"), principalBytes(id), label(leaf)]);
}

/**
 * Interface spec, "Request: Read state": from v3 on, whoever asks for `/subnet` or `/subnet/<id>` gets everything below it but the flat
 * canister ranges of other subnets than the root; so the prefix is replaced by what is shown.
 */
export function revealedPaths(paths: readonly Path[], version: "v2" | "v3", topology: NetworkTopology): readonly Path[] {
  if (version === "v2") return paths;
  return paths.flatMap((path): readonly Path[] => {
    if (path.length > 2 || path.length === 0 || Buffer.from(path[0]!).toString("latin1") !== "subnet") return [path];
    if (path.length === 1) return topology.subnets.flatMap(({ id }) => shownOf(id, topology));
    const id = hexFromBytes(path[1]!) as Principal;
    return topology.subnets.some((subnet) => subnet.id === id) ? shownOf(id, topology) : [path];
  });
}
