/**
 * How canister ids move from one subnet to another, version by version (dfinity/ic, rs/registry/canister/src/mutations: `prepare_canister_migration`,
 * `reroute_canister_ranges`, `complete_canister_migration`): first everybody learns that they may come from either subnet, then the table changes,
 * and when nothing of the time before is on its way any more the trace is taken away.
 */
import { type Result, type SubnetId, err, ok } from "../types/index.ts";
import type { CanisterMigration, Replacement } from "../state/replicatedState.ts";
import { CANISTER_MIGRATIONS_KEY, ROUTING_TABLE_KEY } from "./keys.ts";
import type { Snapshot } from "./localRegistry.ts";
import type { RegistryMutation } from "./mutation.ts";
import { encodeCanisterMigrations, encodeRoutingTable } from "./records.ts";
import { type IdRange, assignRanges, isHomeEnd, isWithin, overlaps } from "./routingTable.ts";

/** What moves, from where to where. */
export interface Move { readonly ranges: readonly IdRange[]; readonly from: SubnetId; readonly to: SubnetId; /** A canister of `to` that takes the one id of the ranges. */ readonly replaces?: Replacement }

const recordOf = (migrations: readonly CanisterMigration[]): RegistryMutation => ({ key: CANISTER_MIGRATIONS_KEY, value: migrations.length === 0 ? undefined : encodeCanisterMigrations([...migrations].sort((a, b) => (a.start < b.start ? -1 : 1))) });

/** Why ids cannot be moved; undefined when they can. The last id of a subnet's own range stays, for its proxy canister. */
export function moveProblem({ ranges, from }: Move, { topology: { routingTable, migrations = [] } }: Snapshot): string | undefined {
  if (ranges.length === 0) return "no canister is named";
  if (!isWithin(ranges, routingTable.filter(({ subnet }) => subnet === from))) return "not all canister ids are of the subnet";
  if (ranges.some((one) => migrations.some((other) => overlaps(one, other)))) return "some of the canisters are moving already";
  if (ranges.some(({ end }) => isHomeEnd(end))) return "the last id of a subnet is its own, for the proxy canister";
  return undefined;
}

/** The trace: from this version on both subnets are believed. */
export function prepareMigration(move: Move, now: Snapshot): Result<readonly RegistryMutation[], string> {
  const problem = moveProblem(move, now), { ranges, from, to, replaces } = move;
  if (problem !== undefined) return err(problem);
  return ok([recordOf([...now.topology.migrations ?? [], ...ranges.map(({ start, end }) => ({ start, end, trace: [from, to], ...(replaces !== undefined && { replaces }) }))])]);
}

/** The table: from this version on they live there. */
export const rerouteRanges = ({ ranges, to }: Pick<Move, "ranges" | "to">, { topology }: Snapshot): RegistryMutation => ({ key: ROUTING_TABLE_KEY, value: encodeRoutingTable(assignRanges(topology.routingTable, ranges, to)) });

/** Nothing of the time before is on its way any more: the traces of these moves are forgotten. */
export const completeMigrations = (done: readonly CanisterMigration[], { topology }: Snapshot): readonly RegistryMutation[] => [recordOf((topology.migrations ?? []).filter(({ start }) => !done.some((one) => one.start === start)))];
