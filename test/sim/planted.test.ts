import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { ABSENT } from "./invariants/keys.ts";
import { INVARIANTS } from "./invariants/table.ts";
import { PLANTED } from "./planted.ts";
import { hunt, misfit } from "./plantedRun.ts";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

test("every rule has a planted bug that it must catch, or a reason why there can be none", () => {
  const planted = new Set(PLANTED.map(({ invariant }) => invariant));
  expect(INVARIANTS.map(({ name }) => name).filter((name) => !planted.has(name))).toEqual([]);
  expect(ABSENT.every(({ reason }) => reason.length > 20)).toBe(true);
  expect(PLANTED.length).toBeGreaterThanOrEqual(40);
  expect(new Set(PLANTED.map(({ name }) => name)).size).toBe(PLANTED.length);
});

test("every duty of consensus has one", () => {
  const touched = new Set(PLANTED.flatMap(({ edits }) => edits.map(({ file }) => file)));
  const duties = ["blockMaker", "blockValidator", "notary", "finalizer", "randomBeaconMaker", "randomTapeMaker", "shareAggregator", "aggregateValidator", "certifier", "catchUpPackageMaker", "purger", "batchDelivery", "dkg/dealer", "dkg/reviewer", "dkg/dkgValidator"];
  expect(duties.map((duty) => `src/replica/consensus/${duty}.ts`).filter((file) => !touched.has(file))).toEqual([]);
  const files = [...readdirSync(join(root, "src/replica/consensus")), ...readdirSync(join(root, "src/replica/consensus/dkg")).map((file) => `dkg/${file}`)];
  expect(files.filter((file) => /(Maker|Validator|Aggregator|notary|finalizer|certifier|purger|dealer|reviewer)\.ts$/.test(file)).map((file) => file.replace(".ts", "")).filter((name) => !duties.includes(name))).toEqual([]);
});

test("each still fits the sources", () => expect(PLANTED.map((bug) => misfit(root, bug)).filter((why) => why !== undefined)).toEqual([]));

/** The whole table takes minutes: `npm run sim -- --planted`, a part of nightly. */
const SAMPLE = ["everybody is a block maker"];
test("one of them is caught by its rule, and the same seeds without it pass", { timeout: 900_000 }, async () => {
  const found = await hunt(root, PLANTED.filter(({ name }) => SAMPLE.includes(name)), () => undefined, 1);
  expect(found.map(({ bug, caught, note }) => (caught ? bug.name : `${bug.name}: ${note}`))).toEqual(PLANTED.filter(({ name }) => SAMPLE.includes(name)).map(({ name }) => name));
});
