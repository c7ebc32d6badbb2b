import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { canisterIds } from "../../../src/project/canisterIds.ts";
import { findProjectRoot, loadProject } from "../../../src/project/loadProject.ts";
import { selectCanisters } from "../../../src/project/selectCanisters.ts";
import { temporaryFolder } from "../../cli/run.ts";
import { contextAt, load, problem } from "./load.ts";

describe("icp.yaml", () => {
  test("recipes, steps, settings, install arguments, networks", () => load({
    "args.txt": "(7)",
    "icp.yaml": `
canisters:
  - name: backend
    recipe: { type: "@dfinity/motoko@v4.1.0", configuration: { main: src/Main.mo, args: "--release -O3" } }
    settings: { memory_allocation: 2gib, freezing_threshold: 30d, compute_allocation: 5, reserved_cycles_limit: 1_000t }
    init_args: "(opt 42)"
  - { name: built, build: { steps: [{ type: script, commands: ["a", "b"] }, { type: script, command: c }] }, init_args: { path: args.txt } }
  - { name: fixed, recipe: { type: "@dfinity/prebuilt@v1", configuration: { path: x.wasm, sha256: ${"AB".repeat(32)} } } }
  - { name: other, recipe: { type: "@dfinity/asset-canister@v2.2.1", configuration: { dir: dist } } }
networks:
  - { name: local, mode: managed, gateway: { port: 8123 } }
  - { name: staging, mode: connected, url: "http://10.0.0.1:80", root-key: "${"00ff".repeat(66)}00" }
` }, ({ canisters: [backend, built, fixed, other], networks, format }, root) => {
    expect(format).toBe("icp.yaml");
    expect(backend).toMatchObject({ recipe: { kind: "motoko", main: join(root, "src/Main.mo"), args: ["--release", "-O3"] }, initArgs: { format: "candid", text: "(opt 42)" }, settings: { memoryAllocation: 2n << 30n, freezingThreshold: 30n * 86_400n, computeAllocation: 5n, reservedCyclesLimit: 10n ** 15n } });
    expect(built).toMatchObject({ recipe: { kind: "steps", steps: [{ kind: "script", commands: ["a", "b"] }, { kind: "script", commands: ["c"] }] }, initArgs: { format: "candid", text: "(7)" } });
    expect(fixed).toMatchObject({ recipe: { kind: "steps", steps: [{ kind: "pre-built", source: { kind: "file", path: join(root, "x.wasm") }, sha256: "ab".repeat(32) }] } });
    expect(other).toMatchObject({ recipe: { kind: "unsupported" } });
    expect(networks).toEqual([{ name: "local", managed: true, port: 8123 }, { name: "staging", managed: false, persistent: true, url: "http://10.0.0.1:80", rootKey: `${"00ff".repeat(66)}00` }]);
  }));
  test("folders of canisters, and a main file from mops.toml", () => load({
    "icp.yaml": "canisters: [\"canisters/*\"]\n", "canisters/a/canister.yaml": "name: a\nrecipe: { type: \"@dfinity/motoko@v5.1.0\" }\n", "canisters/b/canister.yaml": "name: b\nbuild: { steps: [{ type: pre-built, path: b.wasm }] }\n",
    "mops.toml": "[dependencies]\ncore = \"2.5.0\"\nmap = \"9.0.1\"\nmine = \"./lib\"\n\n[canisters.a]\nmain = \"src/a.mo\"\nargs = [\"-O2\"]\n",
  }, ({ canisters, motoko }, root) => {
    expect(canisters).toMatchObject([{ name: "a", recipe: { main: join(root, "src/a.mo"), args: ["-O2"] } }, { name: "b", recipe: { kind: "steps", steps: [{ kind: "pre-built", source: { path: join(root, "canisters/b/b.wasm") } }] } }]);
    expect(motoko.packages).toEqual({ map: join(root, ".mops/map@9.0.1/src"), mine: join(root, "lib/src") });
  }));
  test.each([
    ["two of one name", "canisters:\n  - { name: a, build: { steps: [{ type: script, command: x }] } }\n  - { name: a, build: { steps: [{ type: script, command: x }] } }\n", /icp\.yaml:3: `canisters\[1\]\.name`/],
    ["a name that is a path", "canisters:\n  - { name: ../a, build: { steps: [] } }\n", /icp\.yaml:2: `canisters\[0\]\.name` must hold ASCII letters/],
    ["no recipe", "canisters:\n  - { name: a }\n", /needs a `recipe` or `build` steps/],
    ["an unknown step", "canisters:\n  - { name: a, build: { steps: [{ type: magic }] } }\n", /must be `script`/],
    ["an amount that is none", "canisters:\n  - { name: a, build: { steps: [{ type: script, command: x }] }, settings: { memory_allocation: lots } }\n", /whole number/],
    ["a folder that is not there", "canisters: [nowhere]\n", /is no folder with a canister\.yaml/],
    ["a port that is none", "networks:\n  - { name: local, mode: managed, gateway: { port: 99999 } }\n", /must be a port/],
    ["a mode that is none", "networks:\n  - { name: local, mode: docker }\n", /`managed` or `connected`/],
    ["a key that nobody knows", "canisters:\n  - nmae: a\n", /icp\.yaml:2: `nmae` is not known here; did you mean `name`\?/],
    ["a controller that nobody is", "canisters:\n  - { name: a, build: { steps: [{ type: script, command: x }] }, settings: { controllers: [aa] } }\n", /icp\.yaml:2: .*aa.*did you mean a\?/],
    ["init_args of two kinds", "canisters:\n  - { name: a, build: { steps: [{ type: script, command: x }] }, init_args: { value: x, path: y } }\n", /either `value` or `path`/],
    ["bytes in place", "canisters:\n  - { name: a, build: { steps: [{ type: script, command: x }] }, init_args: { value: x, format: bin } }\n", /needs a `path`/],
    ["an environment on a network that is not there", "environments:\n  - { name: e, network: lcal }\n", /icp\.yaml:2: .*did you mean local\?/],
    ["an environment of canisters that are not there", "environments:\n  - { name: e, canisters: [x] }\n", /which is not there/],
    ["mainnet under another address", "networks:\n  - { name: ic, mode: managed }\n", /is the name of mainnet/],
    ["a root key that is none", "networks:\n  - { name: n, mode: connected, url: \"http://127.0.0.1\", root-key: abc }\n", /266 hex digits/],
    ["an address that is none", "networks:\n  - { name: n, mode: connected, url: \"file:///etc\", root-key: fetch }\n", /http or https/],
    ["other projects", "dependencies:\n  - { name: d, path: ../d }\n", /does not deploy along yet/],
    ["the assets step of old", "canisters:\n  - { name: a, build: { steps: [{ type: script, command: x }] }, sync: { steps: [{ type: assets, dir: d }] } }\n", /no longer has/],
    ["the alias bomb", "a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ncanisters: 1\n", /icp\.yaml/],
  ])("%s is refused with its place", (_, yaml, message) => expect(problem({ "icp.yaml": yaml })).toMatchObject({ code: "ICX1003", message: expect.stringMatching(message) as unknown }));
  test("a broken mops.toml names its line", () => expect(problem({ "icp.yaml": "canisters: []\n", "mops.toml": "[dependencies]\ncore = \n" })).toMatchObject({ code: "ICX1003", message: expect.stringMatching(/mops\.toml:2/) as unknown }));
});

describe("dfx.json", () => {
  const json = JSON.stringify({
    canisters: { backend: { main: "src/main.mo" }, frontend: { type: "assets", source: ["dist"], dependencies: ["backend"] }, custom: { type: "custom", wasm: "c.wasm", candid: "c.did", build: "make", init_arg: "(1)", dependencies: ["backend"] } },
    defaults: { build: { args: "--release" } }, networks: { local: { bind: "127.0.0.1:4943" }, ic: { providers: ["https://icp0.io"] } },
  });
  test("canisters, defaults, networks", () => load({ "dfx.json": json }, ({ canisters, networks, format }, root) => {
    expect(format).toBe("dfx.json");
    expect(canisters).toMatchObject([
      { name: "backend", recipe: { kind: "motoko", main: join(root, "src/main.mo"), args: ["--release"] } }, { name: "frontend", recipe: { kind: "unsupported" }, dependencies: ["backend"] },
      { name: "custom", recipe: { kind: "steps", steps: [{ kind: "script", commands: ["make"] }], wasm: join(root, "c.wasm"), candid: join(root, "c.did") }, initArgs: { format: "candid", text: "(1)" } },
    ]);
    expect(networks).toMatchObject([{ name: "local", managed: true, host: "127.0.0.1", port: 4943 }, { name: "ic", managed: false, url: "https://icp0.io", persistent: true }]);
  }));
  test("dependencies come first, and once", () => load({ "dfx.json": json }, (project) => {
    expect(selectCanisters(project, ["custom"]).map(({ name }) => name)).toEqual(["backend", "custom"]);
    expect(selectCanisters(project, []).map(({ name }) => name)).toEqual(["backend", "frontend", "custom"]);
  }));
});

describe("finding a project", () => {
  test("from a folder inside it; icp.yaml before dfx.json; by ICP_PROJECT_ROOT", () => {
    using folder = temporaryFolder();
    mkdirSync(join(folder.path, "src/deep"), { recursive: true });
    writeFileSync(join(folder.path, "icp.yaml"), "canisters: []\n");
    writeFileSync(join(folder.path, "dfx.json"), "{}");
    expect(findProjectRoot(contextAt(join(folder.path, "src/deep")))).toBe(folder.path);
    expect(loadProject(contextAt(folder.path)).format).toBe("icp.yaml");
    using elsewhere = temporaryFolder();
    expect(findProjectRoot(contextAt(elsewhere.path))).toBeUndefined();
    expect(findProjectRoot(contextAt(elsewhere.path, { ICP_PROJECT_ROOT: folder.path }))).toBe(folder.path);
  });
});

describe("canister ids", () => {
  test("belong to one network: another root key knows none of them", () => {
    using folder = temporaryFolder();
    const file = join(folder.path, "ids.json"), ids = canisterIds(file, Uint8Array.of(1));
    ids.set("a", "aaaaa-aa");
    ids.set("__proto__", "x");
    expect(canisterIds(file, Uint8Array.of(1)).get("a")).toBe("aaaaa-aa");
    expect(canisterIds(file, Uint8Array.of(2)).all()).toEqual({});
    expect(canisterIds(file, undefined).get("a")).toBe("aaaaa-aa");
    expect(ids.get("toString")).toBeUndefined();
    writeFileSync(file, "{ broken");
    expect(ids.get("a")).toBeUndefined();
  });
});
