import type { ProjectCanister } from "../../context/project.ts";

/** Canisters in groups: those of a group depend on earlier groups alone, and can be installed at once. A cycle is broken where the given order breaks it. */
export function installOrder<C extends Pick<ProjectCanister, "name" | "dependencies">>(canisters: readonly C[]): readonly (readonly C[])[] {
  const groupOf = new Map<string, number>(), groups: C[][] = [];
  for (const canister of canisters) {
    const group = Math.max(0, ...canister.dependencies.map((name) => (groupOf.get(name) ?? -1) + 1));
    groupOf.set(canister.name, group);
    (groups[group] ??= []).push(canister);
  }
  return groups;
}
