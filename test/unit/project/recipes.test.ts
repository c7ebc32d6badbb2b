import { createHash } from "node:crypto";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { shellWords } from "../../../src/project/shellWords.ts";
import { load, problem } from "./load.ts";

const canister = (recipe: string): string => `canisters:\n  - name: a\n    recipe: ${recipe}\n`;
const OWN = "build: { steps: [{ type: script, command: \"{{ word }}\" }] }\n";

describe("recipes of dfinity", () => {
  test.each(["@dfinity/motoko", "@dfinity/motoko@v4.1.0", "@dfinity/motoko@4", "@dfinity/motoko@motoko-v5.1.0", "@dfinity/motoko@latest"])("%s", (type) => load({ "icp.yaml": canister(`{ type: "${type}", configuration: { main: a.mo, args: "--one 'two words'", shrink: true, compress: true, metadata: [{ name: n, value: v }] } }`) }, ({ canisters: [a] }, root) => {
    expect(a).toMatchObject({ recipe: { kind: "motoko", main: join(root, "a.mo"), args: ["--one", "two words"] }, finishing: { shrink: true, gzip: true, metadata: [{ name: "n", content: { text: "v" }, visibility: "private" }] } });
  }));
  test("rust, with its candid and lock", () => load({ "icp.yaml": canister("{ type: \"@dfinity/rust@v3.2.0\", configuration: { package: my-crate, candid: a.did, locked: true } }") }, ({ canisters: [a] }, root) => {
    expect(a).toMatchObject({ recipe: { kind: "rust", package: "my-crate", folder: root, candid: join(root, "a.did"), locked: true } });
  }));
  test("one that icx does not know is named with the nearest", () => load({ "icp.yaml": canister("{ type: \"@dfinity/motko@v1\" }") }, ({ canisters: [a] }) => expect(a!.recipe).toMatchObject({ kind: "unsupported", what: expect.stringContaining("@dfinity/motoko") as unknown })));
  test("a configuration that has no effect is told", () => load({ "icp.yaml": canister("{ type: \"@dfinity/motoko@v4\", configuration: { main: a.mo, shrinkk: true } }") }, ({ notes }) => expect(notes).toEqual([expect.stringMatching(/icp\.yaml:3: `shrinkk`.*did you mean `shrink`\?/)])));
  test("mops.toml gives what the recipe does not: main, arguments in order, the interface, arguments of the installation", () => load({
    "icp.yaml": canister("{ type: \"@dfinity/motoko@v5.1.0\" }"), "mops.toml": "[moc]\nargs = [\"-1\"]\n[build]\nargs = [\"-2\"]\n[canisters.a]\nmain = \"src/A.mo\"\nargs = [\"-3\"]\ncandid = \"a.did\"\ninitArg = \"(1)\"\n",
  }, ({ canisters: [a] }, root) => expect(a).toMatchObject({ recipe: { main: join(root, "src/A.mo"), args: ["-1", "-2", "-3"], candid: join(root, "a.did") }, initArgs: { format: "candid", text: "(1)" } })));
  test("the mops.toml beside a canister.yaml is that canister's", () => load({
    "icp.yaml": "canisters: [part]\n", "mops.toml": "[toolchain]\nmoc = \"1.0.0\"\n", "part/canister.yaml": "name: a\nrecipe: { type: \"@dfinity/motoko@v5.1.0\" }\n", "part/mops.toml": "[dependencies]\nx = \"./x\"\n[canisters]\na = \"a.mo\"\n",
  }, ({ canisters: [a], motoko }, root) => {
    expect(motoko.compiler).toBe("1.0.0");
    expect(a).toMatchObject({ recipe: { main: join(root, "part/a.mo") }, motoko: { packages: { x: join(root, "part/x/src") } } });
  }));
});

describe("recipes that are files", () => {
  const files = (recipe: string, template = OWN): Parameters<typeof problem>[0] => ({ "icp.yaml": canister(recipe), "own.hb.yaml": template });
  test("nothing is escaped", () => load(files("{ type: ./own.hb.yaml, configuration: { word: \"a && b > 'c'\" } }"), ({ canisters: [a] }) => expect(a!.recipe).toMatchObject({ steps: [{ commands: ["a && b > 'c'"] }] })));
  test("a hash that fits is fine", () => load(files(`{ type: file://own.hb.yaml, sha256: ${createHash("sha256").update(OWN).digest("hex")}, configuration: { word: x } }`), ({ canisters }) => expect(canisters).toHaveLength(1)));
  const wrong: readonly (readonly [string, Parameters<typeof problem>[0], object])[] = [
    ["behind an address", files("{ type: \"https://example.com/r.hb.yaml\" }"), { code: "ICX1017", message: expect.stringContaining("icp.yaml:3") as unknown }],
    ["another hash", files(`{ type: ./own.hb.yaml, sha256: ${"0".repeat(64)}, configuration: { word: x } }`), { code: "ICX1018", message: expect.stringContaining("SHA-256") as unknown }],
    ["a variable that is not given", files("{ type: ./own.hb.yaml }"), { code: "ICX1018", message: expect.stringContaining("\"word\" not defined") as unknown }],
    ["a template that is none", files("{ type: ./own.hb.yaml }", "{{#if x}}"), { code: "ICX1018" }],
    ["a file that is not there", files("{ type: ./none.hb.yaml }"), { code: "ICX1018", message: expect.stringContaining("no such file") as unknown }],
    ["what is rendered is no YAML", files("{ type: ./own.hb.yaml, configuration: { word: x } }", "build: [{{ word }}"), { code: "ICX1003", message: expect.stringContaining("rendered for a") as unknown }],
    ["it reaches for what objects inherit", files("{ type: ./own.hb.yaml, configuration: { word: x } }", "build: { steps: [{ type: script, command: \"{{ word.constructor.name }}\" }] }"), { code: expect.stringMatching(/ICX10(03|18)/) as unknown }],
    ["build steps beside it", { "icp.yaml": "canisters:\n  - { name: a, recipe: { type: ./x }, build: { steps: [] } }\n" }, { code: "ICX1003", message: expect.stringContaining("cannot stand beside") as unknown }],
    ["an alias in place of a type", files("{ type: \"@nowhere\" }"), { code: "ICX1003" }],
  ];
  test.each(wrong)("%s", (_, given, expected) => expect(problem(given)).toMatchObject(expected));
});

test("words of a command line", () => expect(shellWords("a  'b c' d\\ e \"f \\\" g\" h'i'\"j\"\n--k=l")).toEqual(["a", "b c", "d e", "f \" g", "hij", "--k=l"]));
