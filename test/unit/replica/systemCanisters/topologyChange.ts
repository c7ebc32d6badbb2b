import { MUTATION_TYPE, encodeAtomicMutateRequest } from "../../../../src/replica/codec/registryTransport.ts";
import { ROUTING_TABLE_KEY } from "../../../../src/replica/registry/keys.ts";
import { encodeRoutingTable } from "../../../../src/replica/registry/records.ts";
import type { RunningSubnet } from "../../../../src/replica/runningSubnet.ts";
import type { CanisterIdRange } from "../../../../src/replica/state/replicatedState.ts";
import { canisterIdFromIndex } from "../../../../src/replica/types/index.ts";

/** The routing table that a subnet's certified state holds. */
export const routingTableOf = ({ subnet }: RunningSubnet): readonly CanisterIdRange[] => subnet.certifiedState().topology.routingTable;

/** An `atomic_mutate` that gives the last subnet a range of its own behind all others. */
export function splitRange(table: readonly CanisterIdRange[]): { readonly ranges: Uint8Array; readonly moved: CanisterIdRange } {
  const { subnet } = table.at(-1)!, moved = { start: canisterIdFromIndex(1n << 40n), end: canisterIdFromIndex((1n << 40n) + 0xffffn), subnet };
  const value = encodeRoutingTable([...table, moved]);
  return { moved, ranges: encodeAtomicMutateRequest({ preconditions: [], mutations: [{ type: MUTATION_TYPE.upsert, key: new TextEncoder().encode(ROUTING_TABLE_KEY), value }] }) };
}
