import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readManifest, root } from "../../scripts/package/checkout.ts";
import { restoreManifest, swapManifest } from "../../scripts/package/manifestSwap.ts";
import { publishedManifest } from "../../scripts/package/publishedManifest.ts";
import { ICX_VERSION } from "../../src/replica/params/version.ts";

const checkout = readManifest("package.json");
const published = publishedManifest(checkout);

describe("the published package.json", () => {
  test("names the same program, with nothing that runs at install", () => {
    expect(published).toMatchObject({ name: checkout.name, version: checkout.version, type: "module", license: checkout["license"], bin: { icx: "bin/icx.js" } });
    expect(Object.keys(published.bin!)).toEqual(["icx"]);
    for (const field of ["scripts", "dependencies", "devDependencies", "peerDependencies", "private", "overrides", "gypfile"]) expect(published).not.toHaveProperty(field);
  });
  test("asks for the Node that the checkout brings along", () => expect(published.engines).toEqual({ node: ">=24" }));
  test("depends on nothing", () => { for (const field of ["dependencies", "optionalDependencies"]) expect(published).not.toHaveProperty(field); });
  test("publishes what its fields point to", () => {
    expect(published.files).toEqual(expect.arrayContaining(["bin", "dist", "README.md"]));
    expect(published.exports).toMatchObject({ ".": { types: "./dist/index.d.ts", default: "./dist/index.js" } });
    expect(JSON.stringify(published)).not.toContain("src/");
  });
  test("is computed, not edited: the checkout's is left alone", () => expect(readManifest("package.json")).toEqual(checkout));
});

test("the network speaks of itself in the package's version", () => expect(ICX_VERSION).toBe(checkout.version));

describe("the swap around npm pack", () => {
  let folder: string;
  const manifest = (): string => join(folder, "package.json");
  const original = '{ "name": "x",\r\n\t"version": "1.0.0" }';
  beforeEach(() => { folder = mkdtempSync(join(tmpdir(), "icx-swap-")); mkdirSync(join(folder, "node_modules")); writeFileSync(manifest(), original); });
  afterEach(() => rmSync(folder, { recursive: true }));

  test("gives the original back byte for byte, once", () => {
    swapManifest(folder, "{}");
    expect(readFileSync(manifest(), "utf8")).toBe("{}");
    expect(restoreManifest(folder)).toBe(true);
    expect(readFileSync(manifest(), "utf8")).toBe(original);
    expect(restoreManifest(folder)).toBe(false);
    expect(readFileSync(manifest(), "utf8")).toBe(original);
  });
  test("a pack that died in between is repaired before the next one reads package.json", () => {
    swapManifest(folder, "{}");
    restoreManifest(folder); // what the next prepack begins with
    swapManifest(folder, '{"again":true}');
    restoreManifest(folder);
    expect(readFileSync(manifest(), "utf8")).toBe(original);
  });
});
