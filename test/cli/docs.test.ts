import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { documents } from "../../scripts/docs/main.ts";

test.each(documents.map(({ path, generate }) => [path, generate] as const))("%s is up to date (node scripts/docs/main.ts)", (path, generate) => {
  expect(readFileSync(path, "utf8")).toBe(generate());
});
