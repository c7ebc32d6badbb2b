import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { TEMPLATES } from "../../src/templates/templates.ts";
import { counterModule } from "../canisters/assemble.ts";
import { icx, temporaryFolder, type Ran } from "../cli/run.ts";

/** Rust is built where its wasm target is installed. */
function rustIsMissing(): string | undefined {
  try {
    const sysroot = execFileSync("rustc", ["--print", "sysroot"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    return existsSync(join(sysroot, "lib/rustlib/wasm32-unknown-unknown/lib")) ? undefined : "rustc has no target wasm32-unknown-unknown";
  } catch { return "there is no rustc"; }
}

const folder = temporaryFolder(), home = join(folder.path, "home"), tried = new Set<string>();
afterAll(() => folder[Symbol.dispose]());
const run = (cwd: string, ...argv: readonly string[]): Promise<Ran> => icx(cwd, argv, { env: { ...process.env, ICX_HOME: home } });
const works = async (cwd: string, ...argv: readonly string[]): Promise<Ran> => {
  const ran = await run(cwd, ...argv);
  expect(ran, `icx ${argv.join(" ")}\n${ran.stderr}`).toMatchObject({ code: 0 });
  return ran;
};
/** The project as `icx new` writes it, deployed. */
async function deployed(template: string, prepare: (project: string) => void = () => undefined): Promise<{ readonly project: string; readonly call: (...argv: readonly string[]) => Promise<string> }> {
  tried.add(template);
  const name = `my-${template}`, project = join(folder.path, name);
  await works(folder.path, "new", name, "--template", template);
  prepare(project);
  await works(project, "deploy");
  expect(readFileSync(join(project, ".gitignore"), "utf8").split("\n")).toContain(".icx/");
  expect(readFileSync(join(project, "README.md"), "utf8").split("\n").length).toBeLessThanOrEqual(13);
  return { project, call: async (...argv) => (await works(project, "canister", "call", ...argv)).stdout.trim() };
}

describe("a project from a template is built, deployed and called", { timeout: 600_000 }, () => {
  test("motoko: counts, and keeps the count over an upgrade", async () => {
    const { project, call } = await deployed("motoko");
    expect(await call("counter", "increment", "(2)")).toBe("(2 : nat)");
    const main = join(project, "src/counter/main.mo");
    writeFileSync(main, readFileSync(main, "utf8").replace("public query func get()", "public query func twice() : async Nat { 2 * count };\n\n  public query func get()"));
    await works(project, "deploy");
    expect(await call("counter", "twice")).toBe("(4 : nat)");
  });
  test("motoko-multi: two canisters call each other, deployed in one go, and unchanged after that", async () => {
    const { project, call } = await deployed("motoko-multi");
    expect(await call("stock", "fill", "(\"tea\", 1)")).toBe("(1 : nat)");
    expect(await call("shop", "buy", "(\"tea\")")).toBe("(\"Here is your tea.\")");
    expect(await call("shop", "buy", "(\"tea\")")).toBe("(\"We have no tea.\")");
    expect(await call("shop", "toOrder")).toBe("(vec { \"tea\" })");
    expect(await works(project, "deploy", "--json")).toMatchObject({ json: { canisters: [{ action: "unchanged" }, { action: "unchanged" }] } });
  });
  test("azle: TypeScript by Azle's own build, from the project's node_modules", async () => {
    const { call } = await deployed("azle", (project) => symlinkSync(resolve("node_modules"), join(project, "node_modules"), "junction"));
    expect(await call("hello", "greet", "(\"Ada\")")).toBe("(\"Hello, Ada!\")");
    expect(await call("hello", "count")).toBe("(1 : nat)");
  });
  test("prebuilt: a module that exists", async () => {
    const { project, call } = await deployed("prebuilt");
    expect(await call("counter", "increment", "(3)")).toBe("(3 : nat)");
    expect(new Uint8Array(readFileSync(join(project, "counter.wasm")))).toEqual(await counterModule()); // made from test/canisters/counter.wat
  });
  const missing = rustIsMissing();
  test("rust: cargo compiles it, its interface is read from the module, the count survives an upgrade", async ({ skip }) => {
    tried.add("rust");
    if (missing !== undefined) { process.stderr.write(`template rust: skipped, ${missing}\n`); skip(missing); }
    const { project, call } = await deployed("rust");
    expect(await call("counter", "increment", "(2)")).toBe("(2 : nat)");
    const source = join(project, "src/lib.rs");
    writeFileSync(source, readFileSync(source, "utf8").replace("count is now", "the count is now"));
    expect(await works(project, "deploy", "--json")).toMatchObject({ json: { canisters: [{ action: "upgraded" }] } });
    expect(await call("counter", "get")).toBe("(2 : nat)");
  });
  test("no template was left out", () => expect([...tried].sort()).toEqual(TEMPLATES.map(({ name }) => name).sort()));
});
