import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Metafile } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundle, startedByPath } from "../../scripts/package/bundle.ts";
import { readManifest, root } from "../../scripts/package/checkout.ts";
import { writeDeclarations } from "../../scripts/package/declarations.ts";
import { publishedManifest } from "../../scripts/package/publishedManifest.ts";

/** A user's project far from the checkout, with icx as npm would lay it out: no other package can be found from there but LMDB's binary. */
const project = mkdtempSync(join(tmpdir(), "icx-bundle-"));
const installed = join(project, "node_modules/icx");
let metafile: Metafile;

const icx = (...argv: string[]): { readonly status: number | null; readonly stdout: string; readonly stderr: string } =>
  spawnSync(process.execPath, [join(installed, "bin/icx.js"), ...argv], { cwd: project, encoding: "utf8", env: { ...process.env, NO_COLOR: "1" } });

beforeAll(async () => {
  mkdirSync(installed, { recursive: true });
  metafile = await bundle(join(installed, "dist"));
  writeDeclarations(join(installed, "dist"));
  cpSync(join(root, "bin"), join(installed, "bin"), { recursive: true });
  writeFileSync(join(installed, "package.json"), JSON.stringify(publishedManifest(readManifest("package.json"))));
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "project", type: "module", private: true }));
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

describe("the bundle", () => {
  test("imports nothing but Node's own modules", () => {
    const foreign = Object.values(metafile.outputs).flatMap(({ imports }) => imports).filter(({ external, path }) => external === true && !isBuiltin(path));
    expect(foreign.map(({ path }) => path)).toEqual([]);
  });
  test("contains neither a way to look for a compiler nor the optional accelerators", () => {
    const inputs = Object.keys(metafile.inputs).join("\n");
    expect(inputs).not.toMatch(/node_modules\/(node-gyp-build|cbor-extract|msgpackr-extract|react-devtools-core)/);
  });
  test("holds every file that the sources start by path", () => {
    const files = readdirSync(join(installed, "dist"));
    expect(files).toEqual(expect.arrayContaining(["cli.js", "index.js", "index.d.ts", "templates", "THIRD-PARTY-LICENSES.txt"]));
    expect(startedByPath().map((file) => file.replace(/^.*\/(\w+)\.ts$/, "$1.js")).filter((file) => !files.includes(file))).toEqual([]);
    expect(startedByPath()).toContain("src/build/motokoWorker.ts");
  });
  test("names no file of the checkout", () => {
    for (const file of readdirSync(join(installed, "dist")).filter((name) => name.endsWith(".js"))) expect(readFileSync(join(installed, "dist", file), "utf8").includes(root)).toBe(false);
  });
});

describe("icx from the bundle", () => {
  test("prints its version", () => expect(icx("--version")).toMatchObject({ status: 0, stdout: `${readManifest("package.json").version}\n`, stderr: "" }));
  test("explains itself", () => {
    const help = icx("--help");
    expect(help).toMatchObject({ status: 0, stderr: "" });
    expect(help.stdout).toContain("icx new");
  });
  test("makes a project from its templates, and compiles it with the compiler that it carries", () => {
    expect(icx("new", "made")).toMatchObject({ status: 0 });
    expect(existsSync(join(project, "made/.gitignore"))).toBe(true);
    const built = icx("build", "--project-root", join(project, "made"));
    expect([built.status, built.stderr]).toEqual([0, expect.any(String)]);
    const wasm = readdirSync(join(project, "made"), { recursive: true, encoding: "utf8" }).find((file) => file.endsWith("counter.wasm"))!;
    expect(WebAssembly.validate(readFileSync(join(project, "made", wasm)))).toBe(true);
  });
});

describe("the embedding API from the bundle", () => {
  test("starts a network, and finds it again on disk", () => {
    writeFileSync(join(project, "embed.js"), [
      'import { startNetwork } from "icx";',
      'const look = async () => { await using network = await startNetwork({ stateDir: "state" });',
      "  const { status } = await network.fetch(new Request(`${network.url}/api/v2/status`));",
      '  return { status, rootKey: Buffer.from(network.rootKey).toString("hex") }; };',
      "process.stdout.write(JSON.stringify([await look(), await look()]));",
    ].join("\n"));
    const [first, second] = JSON.parse(execFileSync(process.execPath, ["embed.js"], { cwd: project, encoding: "utf8" })) as readonly { readonly status: number; readonly rootKey: string }[];
    expect(first).toEqual({ status: 200, rootKey: expect.stringMatching(/^[0-9a-f]{266}$/) });
    expect(second).toEqual(first);
    expect(readdirSync(join(project, "state")).length).toBeGreaterThan(0);
  });
  test("its types are enough for a strict program that uses it", () => {
    writeFileSync(join(project, "user.ts"), 'import type { Network, NetworkOptions } from "icx";\n'
      + "export const urlOf = (network: Network, options: NetworkOptions): string => `${network.url} ${options.seed ?? \"\"} ${network.rootKey.length}`;\n");
    const tsc = join(root, "node_modules/typescript", readManifest("node_modules/typescript/package.json").bin!["tsc"]!);
    execFileSync(process.execPath, [tsc, "user.ts", "--ignoreConfig", "--noEmit", "--strict", "--target", "ES2023", "--lib", "ES2023,DOM,ESNext.Disposable", "--module", "NodeNext", "--types", ""], { cwd: project, stdio: "pipe" });
  });
});
