import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import childProcess from "node:child_process";
import { dirname, join } from "node:path";
import workerThreads from "node:worker_threads";
import type { IDL } from "@dfinity/candid";
import { Principal } from "@dfinity/principal";
import { afterAll, describe, expect, test } from "vitest";
import { MANAGEMENT_INTERFACE } from "../../src/build/managementInterface.ts";
import { MANAGEMENT_TYPES } from "../../src/replica/codec/candidManagement.ts";
import type { BuiltCanister } from "../../src/build/builder.ts";
import type { ProgressEvent } from "../../src/context/events.ts";
import type { Project } from "../../src/context/project.ts";
import { buildCanisters, type BuildTarget } from "../../src/operations/buildProject.ts";
import { loadProject } from "../../src/project/loadProject.ts";
import { temporaryFolder } from "../cli/run.ts";

const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());
let count = 0;
function place(files: Readonly<Record<string, string | Uint8Array>>): Project {
  const root = join(folder.path, `p${count++}`);
  for (const [path, content] of Object.entries(files)) { mkdirSync(dirname(join(root, path)), { recursive: true }); writeFileSync(join(root, path), content); }
  return load(root);
}
const load = (root: string): Project => loadProject({ io: { cwd: root, env: {} } as never, options: { json: false, yes: false, quiet: false, logLevel: "info", projectRoot: undefined } });
const manifest = (...canisters: readonly (readonly [name: string, configuration?: string])[]): string =>
  `canisters:\n${canisters.map(([name, more = ""]) => `  - { name: ${name}, recipe: { type: "@dfinity/motoko@v4.1.0", configuration: { main: ${name}.mo${more} } } }\n`).join("")}`;
/** No compiler of this machine. */
const events: ProgressEvent[] = [];
const build = (project: Project, target: BuildTarget = {}, names?: readonly string[]): Promise<readonly BuiltCanister[]> =>
  buildCanisters({ io: { env: { PATH: "", ICX_CACHE: "off" }, interrupted: new AbortController().signal } as never, ui: { report: (event: ProgressEvent) => events.push(event) } as never }, project, names === undefined ? project.canisters : project.canisters.filter(({ name }) => names.includes(name)), target);
const BACKEND = "bnz7o-iuaaa-aaaaa-qaaaa-cai", OTHER = "bw4dl-smaaa-aaaaa-qaacq-cai";
const bytesOf = (id: string): Uint8Array => Principal.fromText(id).toUint8Array();

describe("Motoko with the compiler that comes along", { timeout: 240_000 }, () => {
  test("programs that import mo:base and mo:core, without a package manager", async () => {
    const [built] = await build(place({
      "icp.yaml": manifest(["a"]),
      "a.mo": `import Array "mo:base/Array"; import HashMap "mo:base/HashMap"; import Text "mo:base/Text"; import Timer "mo:base/Timer"; import Buffer "mo:base/Buffer"; import Result "mo:base/Result"; import Map "mo:core/Map"; import Nat "mo:core/Nat";
        persistent actor {
          transient let table = HashMap.HashMap<Text, Nat>(8, Text.equal, Text.hash);
          let sorted = Map.empty<Nat, Text>();
          public func put(key : Text, value : Nat) : async Result.Result<[Nat], Text> {
            table.put(key, value); Map.add(sorted, Nat.compare, value, key);
            let all = Buffer.Buffer<Nat>(1); for (x in table.vals()) all.add(x);
            #ok(Array.sort(Buffer.toArray(all), Nat.compare))
          };
          public func later() : async Nat { Timer.setTimer<system>(#seconds 1, func() : async () { table.delete("x") }) };
        }`,
    }));
    expect(built!.candid).toMatch(/put: \(key: text, value: nat\) -> \(Result\);/);
    expect(WebAssembly.validate(Uint8Array.from(built!.wasm))).toBe(true);
  });
  test("a project's own base wins over the one that comes along", async () => {
    const project = place({ "icp.yaml": manifest(["a"]), "mops.toml": "[dependencies]\nbase = \"9.9.9\"\n", ".mops/base@9.9.9/src/Mine.mo": "module { public let it = 7 }", "a.mo": "import Mine \"mo:base/Mine\"; persistent actor { public query func f() : async Nat { Mine.it } }" });
    expect(await build(project)).toMatchObject([{ candid: expect.stringContaining("f: () -> (nat) query") as unknown }]);
  });
  test("canisters that import each other: ids and interfaces are compiled in, and another id is another module", async () => {
    const project = place({
      "icp.yaml": manifest(["front"], ["back", ", candid: back.did"]), "back.did": "service : (text) -> { get : () -> (nat) query }",
      "front.mo": "import Back \"canister:back\"; persistent actor { public func ask() : async Nat { await Back.get() } }",
      "back.mo": "import Front \"canister:front\"; persistent actor class Back(name : Text) { public query func get() : async Nat { 1 }; public func back() : async Nat { ignore name; await Front.ask() } }",
    });
    const ids = { front: OTHER, back: BACKEND }, [front, back] = await build(project, { ids });
    expect(Buffer.from(front!.wasm).includes(bytesOf(BACKEND))).toBe(true);
    expect(Buffer.from(back!.wasm).includes(bytesOf(OTHER))).toBe(true);
    expect((await build(project, { ids })).map(({ cached }) => cached)).toEqual([true, true]);
    const [moved] = await build(project, { ids: { ...ids, back: OTHER } }, ["front"]);
    expect(moved).toMatchObject({ cached: false });
    expect(Buffer.from(moved!.wasm).includes(bytesOf(BACKEND))).toBe(false);
  });
  test("--actor-env-alias of mops.toml: the interface from its file, or from the canister when the file is missing", async () => {
    const project = place({
      "icp.yaml": "canisters:\n  - { name: front, recipe: { type: \"@dfinity/motoko@v4.1.0\" } }\n  - { name: back, recipe: { type: \"@dfinity/motoko@v4.1.0\" } }\n",
      "mops.toml": "[canisters.front]\nmain = \"front.mo\"\nargs = [\"--actor-env-alias\", \"storage\", \"PUBLIC_CANISTER_ID:back\", \"made/back.did\"]\n[canisters.back]\nmain = \"back.mo\"\n",
      "front.mo": "import Storage \"canister:storage\"; persistent actor { public func ask() : async Nat { await Storage.get() } }", "back.mo": "persistent actor { public query func get() : async Nat { 1 } }",
    });
    const [front] = await build(project, { ids: { front: OTHER, back: BACKEND } });
    expect(Buffer.from(front!.wasm).includes(bytesOf(BACKEND))).toBe(true);
  });
  test("an import whose interface nobody knows", async () => {
    const project = place({ "icp.yaml": `${manifest(["a"])}  - { name: raw, build: { steps: [{ type: pre-built, path: raw.wasm }] } }\n`, "raw.wasm": Uint8Array.from([0, 97, 115, 109, 1, 0, 0, 0]), "a.mo": "import Raw \"canister:raw\"; persistent actor {}" });
    await expect(build(project)).rejects.toMatchObject({ code: "ICX4017", message: expect.stringContaining("canister:raw") as unknown, hint: expect.stringContaining("raw a `candid` file") as unknown });
  });
  test("the management canister is imported with its whole interface", async () => {
    const [built] = await build(place({ "icp.yaml": manifest(["a"]), "a.mo": "import IC \"ic:aaaaa-aa\"; persistent actor { public func f() : async Blob { ignore await (with cycles = 1_000_000) IC.http_request({ url = \"https://x.y\"; max_response_bytes = null; method = #get; headers = []; body = null; transform = null; is_replicated = null }); await IC.raw_rand() } }" }));
    expect(built!.candid).toContain("f: () -> (blob)");
    for (const [name, { args, results }] of Object.entries(MANAGEMENT_TYPES)) {
      const types = (list: readonly IDL.Type[]): string => list.map((type) => type.display()).join(", ").replaceAll("vec nat8", "blob"); // Motoko tells them apart
      expect(MANAGEMENT_INTERFACE).toContain(`\n  ${name} : (${types(args)}) -> (${types(results)})`); // as the replica has it
    }
  });
  test.each<[string, Readonly<Record<string, string | Uint8Array>>, string, string, RegExp]>([
    ["a flag that it does not know", { "a.mo": "persistent actor {}" }, ", args: \"--rts-stack-pages 3\"", "ICX4018", /the flag --rts-stack-pages/],
    ["a binary blob", { "a.mo": "import B \"blob:file:b.bin\"; persistent actor { public query func f() : async Blob { B } }", "b.bin": Uint8Array.from([0xff, 0xfe]) }, "", "ICX4018", /b\.bin, which is no text/],
    ["a canister that is none", { "a.mo": "import X \"canister:nobody\"; persistent actor {}" }, "", "ICX4001", /canister alias "nobody" not defined/],
  ])("%s", async (_, files, configuration, code, message) =>
    await expect(build(place({ "icp.yaml": manifest(["a", configuration]), ...files }))).rejects.toMatchObject({ code, message: expect.stringMatching(message) as unknown }));
  test("flags that choose what it has anyway are taken, and a text is imported as a blob", async () => {
    const project = place({ "icp.yaml": manifest(["a", ", args: \"--incremental-gc --release --default-persistent-actors\""]), "a.mo": "import B \"blob:file:b.txt\"; actor { public query func f() : async Blob { B } }", "b.txt": "märchen" });
    expect(Buffer.from((await build(project))[0]!.wasm).includes(Buffer.from("märchen"))).toBe(true);
  });
});

describe("what has not changed", { timeout: 240_000 }, () => {
  test("is not compiled: three canisters together cost less than 50 ms each, with no thread and no program started", async () => {
    const BODY = "import Map \"mo:core/Map\"; import Text \"mo:core/Text\"; import Array \"mo:base/Array\"; persistent actor { let m = Map.empty<Text, Nat>(); public query func f(t : Text) : async [Nat] { ignore Array.size([1]); [Map.size(m), Text.size(t)] } }";
    const SMALL = "persistent actor { public query func f(t : Text) : async Text { t } }";
    const project = place({ "icp.yaml": manifest(["a"], ["b"], ["c"]), "a.mo": BODY, "b.mo": `// b\n${SMALL}`, "c.mo": `// c\n${SMALL}` });
    const first = await build(project), { Worker } = workerThreads, { spawn } = childProcess;
    const refuse = function (): never { throw new RangeError("nothing may be started"); };
    const times: number[] = [];
    Object.assign(workerThreads, { Worker: refuse });
    Object.assign(childProcess, { spawn: refuse });
    syncBuiltinESMExports();
    try {
      for (let run = 0; run < 5; run++) {
        const began = performance.now(), again = await build(load(project.root));
        times.push((performance.now() - began) / 3);
        expect(again).toEqual(first.map((canister) => ({ ...canister, cached: true })));
      }
    } finally {
      Object.assign(workerThreads, { Worker });
      Object.assign(childProcess, { spawn });
      syncBuiltinESMExports();
    }
    expect(Math.min(...times)).toBeLessThan(50);
    writeFileSync(join(project.root, "b.mo"), `// changed\n${SMALL}`);
    expect((await build(project)).map(({ cached }) => cached)).toEqual([true, false, true]);
    expect(readFileSync(join(project.root, ".icx/build/b/b.did"), "utf8")).toContain("f: (t: text)");
  });
});
