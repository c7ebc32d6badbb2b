/** `npm run bench`: prints a table of what icx can do and how fast; `--json FILE` writes it, `--only ID,…` runs the parts with these ids or names, the heavy ones too. */
import { writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { parseArgs } from "node:util";
import type { BenchPart, BenchRow } from "./row.ts";

const { values: flags } = parseArgs({ options: { json: { type: "string" }, only: { type: "string" } } });
const wanted = flags.only?.split(",");

const PARTS: readonly (() => Promise<{ readonly part: BenchPart }>)[] = [
  () => import("./cliVersion.ts"), () => import("./start.ts"), () => import("./fixture.ts"), () => import("./http.ts"), () => import("./nodes.ts"), () => import("./xnetCall.ts"), () => import("./scale.ts"),
  () => import("./kernels.ts"), () => import("./floats.ts"), () => import("./heaps.ts"), () => import("./rounds.ts"), () => import("./longMessage.ts"), () => import("./deploy.ts"), () => import("./callNodaemon.ts"), () => import("./diskSync.ts"),
  () => import("./canisters.ts"), () => import("./largeUpgrade.ts"), () => import("./sync.ts"),
];

const rows: BenchRow[] = [];
for (const load of PARTS) {
  const { part } = await load();
  if (wanted === undefined ? part.heavy === true : ![...part.ids, part.name].some((id) => id !== undefined && wanted.includes(id))) continue;
  process.stderr.write(`measuring ${part.ids.join(", ")}\n`);
  rows.push(...await part.run());
}

const machine = { cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length, memoryGiB: Math.round(totalmem() / 2 ** 30), node: process.version, platform: `${process.platform}-${process.arch}` };
const shown = (value: number | undefined): string => (value === undefined ? "–" : value >= 100 ? value.toFixed(0) : value.toFixed(2));
const meets = (row: BenchRow): string => (row.target === undefined ? "" : row.value === undefined ? "wrong" : (row.unit === "/s" ? row.value >= row.target : row.value <= row.target) ? "met" : "NOT MET");
const table = rows.map((row) => [row.id, shown(row.value), row.unit, shown(row.baseline), shown(row.ratio), row.target === undefined ? "" : `${row.unit === "/s" ? "≥" : "≤"} ${row.target}`, meets(row), row.note ?? ""]);
const header = ["id", "value", "unit", "baseline", "ratio", "target", "", ""];
const widths = header.map((title, column) => Math.max(title.length, ...table.map((line) => line[column]!.length)));
for (const line of [header, ...table]) process.stdout.write(`${line.map((cell, column) => (column === 0 || column >= 5 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join("  ").trimEnd()}\n`);
process.stdout.write(`\n${machine.cores} × ${machine.cpu}, ${machine.memoryGiB} GiB, Node ${machine.node}\n`);
if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify({ machine, rows }, undefined, 2)}\n`);
