import { expect, test } from "vitest";
import { IcxError } from "../../../src/errors/icxError.ts";
import { named } from "../../../src/operations/named.ts";

const NODES = ["q6vmy-mricg-aaaaa", "q6vmy-zzzzz-aaaaa", "hepqb-jvvx7-aaaaa", "64bcc-ngvkx-aaaaa", "64bcd-ngvkx-aaaaa"].map((id) => ({ id }));
const said = (text: string): string => {
  try { return named("node", NODES, text, "icx node stop").id; } catch (error) { if (error instanceof IcxError) return `${error.message} ${error.hint}`; throw error; }
};

test.each([
  ["hepqb-jvvx7-aaaaa", "hepqb-jvvx7-aaaaa"],
  ["HEP", "hepqb-jvvx7-aaaaa"],
  ["hepqb-jvvx8", "The network has no node whose id begins with `hepqb-jvvx8`. Did you mean `icx node stop hepqb-jvvx7`?"],
  ["nobody", "The network has no node whose id begins with `nobody`. `icx node list` shows them."],
  ["q6", "The network has 2 nodes whose id begins with `q6`. Give more of it: q6vmy-mricg, q6vmy-zzzzz."],
  ["", "The network has 5 nodes whose id begins with ``. Give more of it: q6vmy-mricg, q6vmy-zzzzz, hepqb-jvvx7, 64bcc-ngvkx, …."],
])("%j names %s", (text, expected) => { expect(said(text)).toBe(expected); });

test("nothing is not the name of the only one", () => {
  expect(() => named("subnet", NODES.slice(0, 1), "", "icx subnet info")).toThrow("The network has 1 subnet whose id begins with ``.");
});
