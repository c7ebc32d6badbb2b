import { chmodSync, existsSync, readFileSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { describe, expect, test } from "vitest";
import type { BuildOutput } from "../../../src/build/builder.ts";
import { readShared, sharedCacheFolder, sharedCacheSize, writeShared } from "../../../src/build/sharedCache.ts";
import { temporaryFolder } from "../../cli/run.ts";

const output: BuildOutput = { wasm: Uint8Array.from({ length: 3_000 }, (_, at) => at % 251), candid: "service : { f : () -> (text) } // ü\n", stableTypes: "actor {}\n", cached: false };
const modules = (folder: string): string => join(folder, "modules");
const only = (folder: string): string => join(modules(folder), readdirSync(modules(folder))[0]!);

describe("compiled modules that projects share", () => {
  test("come back as they were, with the warnings of the compiler", () => {
    using folder = temporaryFolder();
    expect(readShared(folder.path, "a")).toBeUndefined();
    writeShared(folder.path, "a", { output, warnings: ["main.mo:1.1-1.2: warning"] });
    expect(readShared(folder.path, "a")).toEqual({ output: { ...output, cached: true }, warnings: ["main.mo:1.1-1.2: warning"] });
    writeShared(folder.path, "b", { output: { wasm: new Uint8Array(), cached: false }, warnings: [] });
    expect(readShared(folder.path, "b")).toEqual({ output: { wasm: new Uint8Array(), cached: true }, warnings: [] });
    expect(readShared(folder.path, "c")).toBeUndefined();
    expect(sharedCacheSize(folder.path)).toMatchObject({ modules: 2 });
  });
  test("are not taken, and are removed, when a single byte is wrong or missing", () => {
    using folder = temporaryFolder();
    const damage: readonly ((bytes: Buffer) => Uint8Array)[] = [
      ...[0, 30, 100, 200, 2_000].map((at) => (bytes: Buffer) => { bytes[at]! ^= 1; return bytes; }), (bytes) => bytes.subarray(0, -1), (bytes) => Buffer.concat([bytes, Buffer.from("x")]),
      () => new Uint8Array(), () => Buffer.from("\n"), (bytes) => bytes.subarray(0, 20), () => new Uint8Array(5_000),
    ];
    for (const [index, harm] of damage.entries()) {
      writeShared(folder.path, "a", { output, warnings: [] });
      writeFileSync(only(folder.path), harm(readFileSync(only(folder.path))));
      expect(readShared(folder.path, "a"), `damage ${index}`).toBeUndefined();
      expect(readdirSync(modules(folder.path))).toEqual([]);
    }
  });
  test("are bounded: what was not used for longest goes first", () => {
    using folder = temporaryFolder();
    for (const [index, key] of ["a", "b", "c", "d"].entries()) {
      writeShared(folder.path, key, { output, warnings: [] });
      utimesSync(join(modules(folder.path), `${key}.module`), new Date(1_000_000 * (index + 1)), new Date(1_000_000 * (index + 1)));
    }
    expect(readShared(folder.path, "a")).toBeDefined(); // used now
    writeFileSync(join(modules(folder.path), "e.module.1-0.new"), "of a run that was killed");
    utimesSync(join(modules(folder.path), "e.module.1-0.new"), new Date(0), new Date(0));
    writeShared(folder.path, "e", { output, warnings: [] }, 4 * 3_500);
    expect(readdirSync(modules(folder.path)).sort()).toEqual(["a.module", "d.module", "e.module"]);
  });
  test("written and read by many at once, each is whole", async () => {
    using folder = temporaryFolder();
    const script = `import { workerData } from "node:worker_threads"; const { readShared, writeShared } = await import(workerData.module);
      for (let i = 0; i < 40; i++) { const wasm = new Uint8Array(20_000).fill(i); writeShared(workerData.folder, "k", { output: { wasm, cached: false }, warnings: [] });
        const found = readShared(workerData.folder, "k"); if (found !== undefined && new Set(found.output.wasm).size !== 1) process.exit(1); }`;
    const codes = await Promise.all([1, 2].map(() => new Promise<number>((done) => {
      new Worker(script, { eval: true, workerData: { folder: folder.path, module: new URL("../../../src/build/sharedCache.ts", import.meta.url).href } }).once("exit", done);
    })));
    expect(codes).toEqual([0, 0]);
    expect(readShared(folder.path, "k")?.output.wasm).toHaveLength(20_000);
    expect(readdirSync(modules(folder.path))).toEqual(["k.module"]);
  });
  test("a folder that cannot be is as if there were none", () => {
    using folder = temporaryFolder();
    const file = join(folder.path, "file");
    writeFileSync(file, "");
    writeShared(join(file, "cache"), "a", { output, warnings: [] });
    expect(readShared(join(file, "cache"), "a")).toBeUndefined();
    expect(sharedCacheSize(join(file, "cache"))).toEqual({ modules: 0, bytes: 0 });
  });
  test.skipIf(process.platform === "win32" || process.getuid?.() === 0)("nor is one that others own", () => {
    using folder = temporaryFolder();
    chmodSync(folder.path, 0o500);
    writeShared(folder.path, "a", { output, warnings: [] });
    expect(existsSync(modules(folder.path))).toBe(false);
  });
  test.each([
    [{ ICX_CACHE: join("x", "y"), HOME: "/h" }, join("x", "y")], [{ ICX_CACHE: "off", HOME: "/h" }, undefined], [{ ICX_HOME: "/keys", HOME: "/h" }, join("/keys", "cache")], [{ ICX_CACHE: "", ICX_HOME: "/keys" }, join("/keys", "cache")],
    ...(process.platform === "linux" ? [[{ HOME: "/h" }, "/h/.cache/icx"], [{ HOME: "/h", XDG_CACHE_HOME: "/c" }, "/c/icx"], [{ HOME: "/h", XDG_CACHE_HOME: "relative" }, "/h/.cache/icx"], [{ HOME: "", USERPROFILE: "/u" }, "/u/.cache/icx"]] as const : []),
  ] as readonly (readonly [Readonly<Record<string, string>>, string | undefined])[])("with %j they are in %s", (env, place) => expect(sharedCacheFolder(env)).toBe(place));
});
