import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { load, problem, type Files } from "./load.ts";

const dfx = (canisters: object, more: object = {}): Files => ({ "dfx.json": JSON.stringify({ canisters, ...more }, undefined, 1) });

describe("dfx.json, key by key", () => {
  test("arguments: the canister's, else the defaults; the profile Release adds --release; packtool", () => load(dfx({ a: { main: "a.mo", args: "-x \"y z\"" }, b: { main: "b.mo", args: "" } }, { profile: "Release", defaults: { build: { args: "--incremental-gc", packtool: "mops sources" } } }), ({ canisters: [a, b] }) => {
    expect(a!.recipe).toMatchObject({ args: ["--release", "-x", "y z"], packtool: "mops sources" });
    expect(b!.recipe).toMatchObject({ args: ["--release", "--incremental-gc"] });
  }));
  test("rust and motoko are made smaller unless they say otherwise, custom is not", () => load(dfx({ a: { main: "a.mo" }, b: { type: "rust", package: "p", candid: "p.did", crate: "c", shrink: false, gzip: true }, c: { type: "custom", wasm: "c.wasm", candid: "c.did" } }), ({ canisters: [a, b, c] }) => {
    expect([a!.finishing, b!.finishing, c!.finishing]).toMatchObject([{ shrink: true, gzip: false }, { shrink: false, gzip: true }, { shrink: false }]);
    expect(b!.recipe).toMatchObject({ kind: "rust", package: "p", crate: "c", locked: true });
  }));
  test("custom: addresses, commands, nothing to build", () => load(dfx({ a: { type: "custom", wasm: "https://example.com/a.wasm", candid: "https://example.com/a.did" }, b: { type: "custom", wasm: "b.wasm", candid: "b.did", build: ["one", "two"] }, c: { type: "custom", wasm: "c.wasm", candid: "c.did", build: "" } }), ({ canisters: [a, b, c], notes }, root) => {
    expect(a!.recipe).toEqual({ kind: "steps", steps: [{ kind: "pre-built", source: { kind: "url", url: "https://example.com/a.wasm" } }] });
    expect(b!.recipe).toEqual({ kind: "steps", steps: [{ kind: "script", commands: ["one", "two"] }], wasm: join(root, "b.wasm"), candid: join(root, "b.did") });
    expect(c!.recipe).toMatchObject({ steps: [{ kind: "pre-built", source: { path: join(root, "c.wasm") } }] });
    expect(notes).toEqual([expect.stringContaining("https://example.com/a.did")]);
  }));
  test("hooks in every form", () => load(dfx({ a: { main: "a.mo", pre_install: "one", post_install: ["two", { cmd: "three" }] }, b: { main: "b.mo", post_install: { cmd: ["four"] } } }), ({ canisters: [a, b] }) => {
    expect([a!.hooks, b!.hooks]).toEqual([{ preInstall: ["one"], postInstall: ["two", "three"] }, { preInstall: [], postInstall: ["four"] }]);
  }));
  test("declarations, specified_id, remote, output_env_file", () => load(dfx({ a: { main: "a.mo", declarations: { output: "out", bindings: ["ts"], node_compatibility: true }, specified_id: "aaaaa-aa", remote: { id: { ic: "ryjl3-tyaaa-aaaaa-aaaba-cai" } } }, b: { main: "b.mo", declarations: {} } }, { output_env_file: "vars/.env" }), ({ canisters: [a, b], outputEnvFile }, root) => {
    expect(a).toMatchObject({ declarations: { output: "out", bindings: ["ts"], nodeCompatibility: true }, specifiedId: "aaaaa-aa", remoteIds: { ic: "ryjl3-tyaaa-aaaaa-aaaba-cai" } });
    expect(b!.declarations).toEqual({ bindings: ["js", "ts", "did"], nodeCompatibility: false });
    expect(outputEnvFile).toBe(join(root, "vars/.env"));
  }));
  test("metadata: contents, files, networks; candid's own needs neither", () => load(dfx({ a: { main: "a.mo", metadata: [{ name: "x", content: "y", networks: ["ic"] }, { name: "f", path: "f.txt", visibility: "private" }, { name: "candid:service" }], pullable: { wasm_url: "u", dependencies: [], init_guide: "g" } } }), ({ canisters: [a] }, root) => {
    expect(a!.finishing.metadata).toEqual([
      { name: "x", content: { text: "y" }, visibility: "public", networks: ["ic"] }, { name: "f", content: { path: join(root, "f.txt") }, visibility: "private" },
      { name: "dfx", content: { text: "{\"pullable\":{\"wasm_url\":\"u\",\"dependencies\":[],\"init_guide\":\"g\"}}" }, visibility: "public" },
    ]);
  }));
  test("optimize is told, a slip gets the nearest name, what dfx passes over is passed over", () => load(dfx({ a: { main: "a.mo", optimize: "cycles", dependncies: [], "my own notes": 1 } }), ({ notes }) => {
    expect(notes).toEqual([expect.stringMatching(/dfx\.json:\d+: `dependncies`.*`dependencies`/), expect.stringContaining("optimize")]);
  }));
  test("networks of the user's own file, after those of the project", () => load({ ...dfx({}, { networks: { own: { bind: "127.0.0.1:4000", type: "persistent" } } }), "cfg/.config/dfx/networks.json": JSON.stringify({ own: { bind: "x:1" }, shared: { providers: ["http://127.0.0.1:1"] } }) }, ({ root }) => {
    load({ ...dfx({}, { networks: { own: { bind: "127.0.0.1:4000", type: "persistent" } } }) }, ({ networks, environments }) => {
      expect(networks).toEqual([{ name: "own", managed: true, persistent: true, host: "127.0.0.1", port: 4000 }, { name: "shared", managed: false, url: "http://127.0.0.1:1", persistent: true, fetchRootKey: true }]);
      expect(environments.map(({ name }) => name)).toEqual(["own", "shared", "local", "ic"]);
    }, { DFX_CONFIG_ROOT: join(root, "cfg") });
  }));
  test("type azle runs azle's own build, as its extension of dfx does", () => load(dfx({ a: { type: "azle", main: "src/index.ts" } }), ({ root, canisters: [a] }) => {
    expect(a).toMatchObject({ recipe: { kind: "steps", steps: [{ kind: "script", commands: ["npx --no-install azle build a"] }], wasm: join(root, ".azle/a/a.wasm"), candid: join(root, ".azle/a/a.did") }, finishing: { gzip: true } });
  }));
  test.each([["assets", "asset canister"], ["pull", "pulled from mainnet"], ["something", "extension of dfx"]])("type %s is not built, and it is said why", (type, why) => load(dfx({ a: { type, main: 7 } }), ({ canisters: [a] }) => expect(a!.recipe).toMatchObject({ kind: "unsupported", what: expect.stringContaining(why) as unknown })));
  const wrong: readonly (readonly [string, Files, RegExp])[] = [
    ["no JSON", { "dfx.json": "{\n  \"canisters\": {\n    \"a\": \n}\n" }, /dfx\.json:\d+: /],
    ["canisters that are a list", { "dfx.json": "{ \"canisters\": [] }" }, /`canisters` must be a mapping/],
    ["a dependency that is not there", dfx({ back: { main: "b.mo" }, front: { main: "f.mo", dependencies: ["bakc"] } }), /dfx\.json:\d+: .*bakc.*did you mean back\?/],
    ["motoko without main", dfx({ a: { type: "motoko" } }), /`canisters\.a\.main` is missing/],
    ["both arguments", dfx({ a: { main: "a.mo", init_arg: "(1)", init_arg_file: "x" } }), /one of the two/],
    ["too much of a processor", dfx({ a: { main: "a.mo", initialization_values: { compute_allocation: 101 } } }), /0 to 100/],
    ["a name that is a path", dfx({ "../a": { main: "a.mo" } }), /no name of a canister/],
    ["an address without a port", dfx({}, { networks: { local: { bind: "127.0.0.1" } } }), /address with a port/],
    ["a profile that is none", dfx({}, { profile: "Fast" }), /Debug/],
    ["bindings that are none", dfx({ a: { main: "a.mo", declarations: { bindings: ["py"] } } }), /js, ts, did, mo/],
    ["metadata of nothing", dfx({ a: { main: "a.mo", metadata: [{ name: "x" }] } }), /`content` or `path`/],
  ];
  test.each(wrong)("%s is refused with its place", (_, files, message) => expect(problem(files)).toMatchObject({ code: "ICX1003", message: expect.stringMatching(message) as unknown }));
});
