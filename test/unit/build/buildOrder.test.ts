import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { buildIds } from "../../../src/build/buildIds.ts";
import { buildOrder, withImportedCanisters } from "../../../src/build/buildOrder.ts";
import type { Project } from "../../../src/context/project.ts";
import { loadProject } from "../../../src/project/loadProject.ts";
import { temporaryFolder } from "../../cli/run.ts";

const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());
let count = 0;
/** A project whose canisters import others; `candid` names those with an interface file. */
function project(imports: Readonly<Record<string, readonly string[]>>, candid: readonly string[] = [], args: Readonly<Record<string, string>> = {}): Project {
  const root = join(folder.path, `p${count++}`), write = (path: string, text: string): void => { mkdirSync(dirname(join(root, path)), { recursive: true }); writeFileSync(join(root, path), text); };
  const canisters = Object.keys(imports).map((name) => `  - name: ${name}\n    recipe: { type: "@dfinity/motoko@v4.1.0", configuration: { main: ${name}.mo${candid.includes(name) ? `, candid: ${name}.did` : ""}${args[name] === undefined ? "" : `, args: "${args[name]}"`} } }\n`);
  write("icp.yaml", `canisters:\n${canisters.join("")}`);
  for (const name of Object.keys(imports)) write(`${name}.mo`, `import Lib "lib/${name}"; persistent actor {}`);
  for (const [name, others] of Object.entries(imports)) write(`lib/${name}.mo`, `${others.map((other) => `import X "canister:${other}";`).join("")} module {}`);
  for (const name of candid) write(`${name}.did`, "service : {}");
  return loadProject({ io: { cwd: root, env: {} } as never, options: { json: false, yes: false, quiet: false, logLevel: "info", projectRoot: undefined } });
}
const order = (found: Project, ...names: readonly string[]): string[] =>
  buildOrder(found, names.length === 0 ? found.canisters : found.canisters.filter(({ name }) => names.includes(name))).map(({ name }) => name);

describe("the order of builds", () => {
  test.each<[string, Project, readonly string[], readonly string[]]>([
    ["as they stand, without imports", project({ b: [], a: [] }), [], ["b", "a"]], ["what is imported comes before, through other files", project({ a: ["b"], b: ["c"], c: [] }), [], ["c", "b", "a"]],
    ["also when it was not asked for", project({ a: ["b"], b: [], c: [] }), ["a"], ["b", "a"]], ["an interface from a file needs no build", project({ a: ["b"], b: ["a"] }, ["b"]), [], ["a", "b"]],
    ["names that are no canisters are the compiler's affair", project({ a: ["ledger"] }), [], ["a"]],
    ["a flag with an interface needs no build", project({ a: ["b"], b: ["a"] }, ["b"], { b: "--actor-env-alias a PUBLIC_CANISTER_ID:a b.did" }), [], ["a", "b"]],
    ["a flag whose file is missing does", project({ a: ["other"], b: [] }, [], { a: "--actor-env-alias other PUBLIC_CANISTER_ID:b gone.did" }), [], ["b", "a"]],
  ])("%s", (_, found, names, expected) => expect(order(found, ...names)).toEqual(expected));
  test.each<[string, Readonly<Record<string, readonly string[]>>, string]>([["two", { a: ["b"], b: ["a"] }, "a → b → a"], ["itself", { a: ["a"] }, "a → a"], ["three, and one outside", { x: ["a"], a: ["b"], b: ["c"], c: ["a"] }, "a → b → c → a"]])
  ("a circle of %s without an interface is an error that shows it", (_, imports, path) =>
    expect(() => order(project(imports))).toThrowError(expect.objectContaining({ code: "ICX4016", message: expect.stringContaining(`: ${path}.`) as unknown, hint: expect.stringContaining("candid") as unknown })));
  test("a deployment takes the imported ones with it", () => {
    const found = project({ a: ["b"], b: ["a"], c: [] }, ["a", "b"]);
    expect(withImportedCanisters(found, found.canisters.slice(0, 1)).map(({ name }) => name)).toEqual(["a", "b"]);
  });
  test("every canister has an id while it is built: its own, one of the manifest, or a placeholder that is no other's", () => {
    const found = project({ a: [], b: [], c: [], d: [] }), [a, b, c, d] = found.canisters;
    const ids = buildIds({ canisters: [a!, { ...b!, remoteIds: { ic: "ryjl3-tyaaa-aaaaa-aaaba-cai" } }, { ...c!, specifiedId: "rdmx6-jaaaa-aaaaa-aaadq-cai" }, d!] }, { a: "bnz7o-iuaaa-aaaaa-qaaaa-cai", d: "broken" }, "ic");
    expect(ids).toMatchObject({ a: "bnz7o-iuaaa-aaaaa-qaaaa-cai", b: "ryjl3-tyaaa-aaaaa-aaaba-cai", c: "rdmx6-jaaaa-aaaaa-aaadq-cai", d: expect.stringMatching(/^([a-z2-7]{5}-){3,4}[a-z2-7]{3,5}$/) as unknown });
    expect(buildIds(found, {}, "local")["c"]).not.toBe(ids["d"]);
  });
});
