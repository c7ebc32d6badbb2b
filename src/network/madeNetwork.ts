import type { ProjectNetwork, WantedSubnet } from "../context/project.ts";

/** What a new network is made of; one that exists stays as it is. */
export interface MadeNetwork { readonly nodes?: number; readonly subnets?: readonly WantedSubnet[] }

/** What the project's manifest says of its own network. */
export const madeOf = (written: ProjectNetwork | undefined): MadeNetwork => ({ ...(written?.nodes !== undefined && { nodes: written.nodes }), ...(written?.subnets !== undefined && { subnets: written.subnets }) });
