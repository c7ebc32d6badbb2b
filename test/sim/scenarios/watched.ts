import { expect } from "vitest";
import type { Duty } from "../../../src/replica/consensus/duty.ts";
import { type Cluster, type ClusterOptions, type Role, createCluster } from "../cluster.ts";
import type { Course } from "../invariants/invariant.ts";
import { INVARIANTS } from "../invariants/table.ts";

/** A cluster that is watched by all rules of safety and of keys. */
export function watched(options: ClusterOptions): { readonly cluster: Cluster; readonly violations: readonly string[] } {
  const violations: string[] = [], course: Course = { seed: 0, phase: "safety", stages: [], exiled: undefined, fair: true, clockSpreadMs: 0 }, rules = INVARIANTS.filter(({ name }) => /^[SC]/.test(name));
  const watches: ClusterOptions["watches"] = (made) => [...rules.map((rule) => rule.watch(made, (what) => violations.push(`${rule.name}: ${what}`), course)), ...options.watches?.(made) ?? []];
  return { violations, cluster: createCluster({ ...options, watches }) };
}
/** One life, in which no rule is broken. */
export function life(options: ClusterOptions, script: (cluster: Cluster) => void): Cluster {
  const { cluster, violations } = watched(options);
  script(cluster);
  cluster.end();
  expect(violations).toEqual([]);
  return cluster;
}
/** Runs until the highest final height of honest nodes is this, and expects to get there. */
export function runTo(cluster: Cluster, height: number, limitMs = 20_000): void {
  for (let spent = 0; finalized(cluster) < height && spent < limitMs; spent += 20) cluster.run(20);
  expect(finalized(cluster)).toBeGreaterThanOrEqual(height);
}
export const finalized = (cluster: Cluster): number => Math.max(...cluster.honest.map(({ consensus }) => consensus.heights.finalized));
export const executed = (cluster: Cluster): readonly number[] => cluster.honest.map(({ state }) => state.height as number);
export const slowest = (cluster: Cluster): number => Math.min(...executed(cluster));
export const liar = (place: number, ...duties: readonly Duty[]): ReadonlyMap<number, Role> => new Map([[place, { duties }]]);
/** Makers of the final blocks that honest nodes executed. */
export const makers = (cluster: Cluster): ReadonlySet<string> => new Set(cluster.honest.flatMap(({ state }) => state.deliveries.map(({ block }) => block.maker as string)));
/** Blocks of a maker that became final. */
export const blocksOf = (cluster: Cluster, place: number): number => cluster.honest[0]!.state.deliveries.filter(({ block }) => block.maker === cluster.nodes[place]!.id).length;
