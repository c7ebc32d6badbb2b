import type { ProjectNetwork, WantedSubnet } from "../context/project.ts";

/** What a new network is made of; one that exists stays as it is. */
export interface MadeNetwork { readonly nodes?: number; readonly subnets?: readonly WantedSubnet[] }

/** What the project's manifest says of its own network. */
export const madeOf = (written: ProjectNetwork | undefined): MadeNetwork => ({ ...(written?.nodes !== undefined && { nodes: written.nodes }), ...(written?.subnets !== undefined && { subnets: written.subnets }) });

/** What a network that exists does not have of what it is asked for. */
export function differences(subnets: readonly { readonly nodes: readonly string[] }[], { nodes, subnets: wanted }: MadeNetwork): readonly string[] {
  const [root] = subnets, others = subnets.length - 1;
  return [
    ...(nodes !== undefined && root!.nodes.length !== nodes ? [`This network was made with ${root!.nodes.length} node${root!.nodes.length === 1 ? "" : "s"} a subnet. \`icx start --clean --nodes ${nodes}\` begins anew and keeps it aside.`] : []),
    ...(wanted !== undefined && others < wanted.length ? [`This network has ${others} subnet${others === 1 ? "" : "s"} besides the root subnet, and ${wanted.length} are asked for. \`icx subnet add ${wanted.at(-1)!.type}\` adds one while it runs.`] : []),
  ];
}
