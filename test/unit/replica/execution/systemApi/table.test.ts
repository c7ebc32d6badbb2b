import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { importSignatures, systemCallRows } from "../../../../../src/replica/execution/systemApi/systemCallRows.ts";
import { contextsOf } from "../../../../../src/replica/execution/systemApi/executionContext.ts";

type Row = readonly [name: string, params: string, results: string, contexts: string, fixed: number, perByte: number];
const TABLE = JSON.parse(readFileSync(new URL("../../../../spec/ic0-table.json", import.meta.url), "utf8")) as { calls: Row[]; only32: Row[]; replica: Row[] };
const written = [...TABLE.calls, ...TABLE.only32, ...TABLE.replica];

test.each(written)("%s is the row of the specification's table", (name, params, results, contexts, fixed, perByte) => {
  const row = systemCallRows.find((candidate) => candidate.name === name);
  expect(row && { params: row.params.join(" "), results: row.results.join(" "), contexts: row.contexts, fixed: row.cost.fixed, perByte: row.cost.perByte ?? 0, only32: row.only32 ?? false })
    .toEqual({ params, results, contexts, fixed, perByte, only32: TABLE.only32.some(([only]) => only === name) });
});
test("there is no row beyond the table, and none twice", () => {
  expect(systemCallRows.map(({ name }) => name)).toEqual(written.map(([name]) => name).sort());
  expect(importSignatures.length).toBe(written.length);
});
test("`*` is every context but the start function", () => {
  expect(contextsOf("*").has("s")).toBe(false);
  expect(contextsOf("*").size).toBe(15);
  expect(contextsOf("* s").size).toBe(16);
});
