import { assert } from "../../src/replica/types/index.ts";
import { managementMethods } from "../../src/replica/execution/management/managementMethods.ts";
import { systemCallRows } from "../../src/replica/execution/systemApi/systemCallRows.ts";

/** One row of a table whose `run` can be made to do nothing. */
export interface Mutation { readonly table: "system call" | "management method"; readonly name: string }
/** Every row of the System API and of the management canister. */
export const mutations: readonly Mutation[] = [
  ...systemCallRows.map(({ name }) => ({ table: "system call", name }) as const), ...[...managementMethods.keys()].sort().map((name) => ({ table: "management method", name }) as const),
];

/** Makes the row do nothing and answer nothing, in this process. */
export function mutate({ table, name }: Mutation): void {
  if (table === "system call") {
    const row = systemCallRows.find((candidate) => candidate.name === name), [result] = row?.results ?? [];
    assert(row !== undefined, `a system call has the name ${name}`);
    Object.assign(row, { run: () => (result === undefined ? undefined : result === "i64" ? 0n : 0) });
    return;
  }
  const method = managementMethods.get(name);
  assert(method !== undefined, `a management method has the name ${name}`);
  Object.assign(method, { run: () => ({ ok: true, value: [] }), ...(method.queryRun !== undefined && { queryRun: () => ({ ok: true, value: { values: [], instructions: 0n } }) }) });
}
