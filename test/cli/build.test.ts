import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { counterModule } from "../canisters/assemble.ts";
import { icx, temporaryFolder } from "./run.ts";
import { environment } from "./surrounding.ts";

describe("icx build, Motoko", () => {
  test("compiles the template, publishes its interface, and compiles it never again while nothing changes", async () => {
    using folder = temporaryFolder();
    await icx(folder.path, ["new", "hello"]);
    const project = join(folder.path, "hello"), given = { env: environment(project, { ICX_CACHE: join(folder.path, "cache") }) }, first = await icx(project, ["build", "--json"], given);
    expect(first).toMatchObject({ code: 0, json: { canisters: [{ name: "counter", cached: false }] } });
    const wasm = readFileSync(join(project, ".icx/build/counter/counter.wasm"));
    const [section] = WebAssembly.Module.customSections(new WebAssembly.Module(wasm), "icp:public candid:service");
    expect(Buffer.from(section!).toString()).toMatch(/increment: \(by: nat\) -> \(nat\);/);
    const unchanged = { code: 0, json: { canisters: [{ cached: true, moduleHash: createHash("sha256").update(wasm).digest("hex") }] } };
    expect(await icx(project, ["build", "--json"], given)).toMatchObject(unchanged);
    // The same program elsewhere, and again without this project's own memory of it.
    const none = { env: environment(project, { ICX_CACHE: "off" }) };
    expect(readdirSync(join(folder.path, "cache", "modules"))).toHaveLength(1);
    await icx(folder.path, ["new", "again"]);
    expect(await icx(join(folder.path, "again"), ["build", "--json"], given)).toMatchObject(unchanged);
    rmSync(join(project, ".icx", "cache"), { recursive: true });
    expect(await icx(project, ["build", "--json"], given)).toMatchObject(unchanged);
    expect(await icx(project, ["build", "--json"], none)).toMatchObject(unchanged); // kept in the project as well
    expect(await icx(join(folder.path, "again"), ["doctor", "--json"], given)).toMatchObject({ json: { checks: expect.arrayContaining([expect.objectContaining({ name: "cache", state: "ok", detail: expect.stringMatching(/^1 compiled module, 0\.\d MiB/) as unknown })]) as unknown } });
    expect(await icx(project, ["doctor", "--json"], none)).toMatchObject({ json: { checks: expect.arrayContaining([expect.objectContaining({ name: "cache", state: "absent" })]) as unknown } });
  });
  test("shows errors with file, line and the compiler's words", async () => {
    using folder = temporaryFolder();
    await icx(folder.path, ["new", "hello"]);
    const project = join(folder.path, "hello");
    mkdirSync(join(project, "src/library"));
    writeFileSync(join(project, "src/library/Numbers.mo"), "module {\n  public func one() : Nat { \"one\" };\n}\n");
    writeFileSync(join(project, "src/counter/main.mo"), "import Numbers \"../library/Numbers\";\npersistent actor { public func f() : async Nat { Numbers.one() } };\n");
    const ran = await icx(project, ["build", "--json"]);
    expect(ran).toMatchObject({ code: 1, json: { error: { code: "ICX4001", diagnostics: [{ file: expect.stringContaining("library/Numbers.mo") as unknown, line: 2, code: "M0050" }] } } });
    expect((ran.json as { error: { message: string } }).error.message).toMatch(/Numbers\.mo:2\.29-2\.34: type error \[M0050\], literal of type/);
  });
});

describe("icx build, other recipes", () => {
  const project = async (manifest: string, files: Readonly<Record<string, string | Uint8Array>>, argv: readonly string[] = []): Promise<Awaited<ReturnType<typeof icx>>> => {
    using folder = temporaryFolder();
    writeFileSync(join(folder.path, manifest.startsWith("{") ? "dfx.json" : "icp.yaml"), manifest);
    for (const [path, content] of Object.entries(files)) writeFileSync(join(folder.path, path), content);
    return await icx(folder.path, ["build", ...argv, "--json"]);
  };
  test("a pre-built module is taken as it is", async () => {
    const wasm = await counterModule(), moduleHash = createHash("sha256").update(wasm).digest("hex");
    const manifest = `canisters:\n  - name: a\n    build:\n      steps:\n        - { type: pre-built, path: a.wasm, sha256: ${moduleHash} }\n`;
    expect(await project(manifest, { "a.wasm": wasm })).toMatchObject({ code: 0, json: { canisters: [{ name: "a", moduleHash }] } });
  });
  test("a pre-built module with another hash is refused", async () => {
    const manifest = `canisters:\n  - name: a\n    build:\n      steps:\n        - { type: pre-built, path: a.wasm, sha256: ${"0".repeat(64)} }\n`;
    expect(await project(manifest, { "a.wasm": await counterModule() })).toMatchObject({ code: 1, json: { error: { code: "ICX4007" } } });
  });
  test("script steps write where they are told", async () => {
    const manifest = "canisters:\n  - name: a\n    build:\n      steps:\n        - type: script\n          commands:\n            - cp a.wasm \"$ICP_WASM_OUTPUT_PATH\"\n";
    expect(await project(manifest, { "a.wasm": await counterModule() })).toMatchObject({ code: 0, json: { canisters: [{ name: "a" }] } });
  });
  test("a failing step shows its words", async () => {
    const manifest = "canisters:\n  - name: a\n    build:\n      steps:\n        - { type: script, command: \"echo no luck; exit 7\" }\n";
    expect(await project(manifest, {})).toMatchObject({ code: 1, json: { error: { code: "ICX4004", message: expect.stringMatching(/exit code 7[\s\S]*no luck/) as unknown } } });
  });
  test("dfx.json: custom canisters", async () => {
    const manifest = JSON.stringify({ canisters: { a: { type: "custom", wasm: "a.wasm", candid: "a.did", build: [] } } });
    expect(await project(manifest, { "a.wasm": await counterModule(), "a.did": "service : {}" })).toMatchObject({ code: 0, json: { canisters: [{ name: "a" }] } });
  });
  test("dfx.json: ids of an earlier deployment are given to the steps and to output_env_file", async () => {
    using folder = temporaryFolder();
    const a = "bnz7o-iuaaa-aaaaa-qaaaa-cai", b = "bw4dl-smaaa-aaaaa-qaacq-cai", custom = { type: "custom", wasm: "a.wasm", candid: "a.did" };
    writeFileSync(join(folder.path, "dfx.json"), JSON.stringify({ output_env_file: ".env", canisters: { a: { ...custom, build: "echo $CANISTER_ID_A $CANISTER_ID_B > ids.txt" }, b: { ...custom, build: [] } } }));
    writeFileSync(join(folder.path, "a.wasm"), await counterModule());
    writeFileSync(join(folder.path, "a.did"), "service : {}");
    writeFileSync(join(folder.path, ".env"), "MINE=1\n");
    mkdirSync(join(folder.path, ".dfx/local"), { recursive: true });
    writeFileSync(join(folder.path, ".dfx/local/canister_ids.json"), JSON.stringify({ a: { local: a }, b: { local: b } }));
    expect(await icx(folder.path, ["build", "--json"])).toMatchObject({ code: 0 });
    expect(readFileSync(join(folder.path, "ids.txt"), "utf8").trim()).toBe(`${a} ${b}`);
    expect(readFileSync(join(folder.path, ".env"), "utf8")).toMatch(new RegExp(`^MINE=1\r?\n[\\s\\S]*CANISTER_CANDID_PATH_A='.*/a/a\\.did'[\\s\\S]*CANISTER_ID_B='${b}'`));
  });
  test.each([
    ["not yaml", "canisters: [", "ICX1003", /icp\.yaml:1/],
    ["no name", "canisters:\n  - build: { steps: [] }\n", "ICX1003", /icp\.yaml:2: `canisters\[0\]\.name` is missing/],
    ["a list that is none", "canisters: 5\n", "ICX1003", /must be a list/],
    ["an unknown recipe", "canisters:\n  - { name: a, recipe: { type: \"@x/y\" } }\n", "ICX4003", /@x\/y/],
    ["no canister", "networks: []\n", "ICX1008", /defines no canister/],
    ["a missing source", "canisters:\n  - { name: a, recipe: { type: \"@dfinity/motoko\", configuration: { main: a.mo } } }\n", "ICX4002", /a\.mo/],
    ["something that is no module", "canisters:\n  - { name: a, recipe: { type: \"@dfinity/prebuilt\", configuration: { path: icp.yaml } } }\n", "ICX4006", /not a wasm module/],
  ])("explains %s", async (_, manifest, code, message) =>
    expect(await project(manifest, {})).toMatchObject({ code: 1, json: { error: { code, message: expect.stringMatching(message) as unknown } } }));
  test("outside a project says how to get one", async () => {
    using folder = temporaryFolder();
    expect(await icx(folder.path, ["build"])).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(/ICX1001[\s\S]*icx new/) as unknown });
  });
  test("an unknown canister is answered with the known ones", async () => {
    expect(await project("canisters:\n  - { name: counter, recipe: { type: \"@dfinity/motoko\", configuration: { main: a.mo } } }\n", {}, ["b"]))
      .toMatchObject({ code: 1, json: { error: { code: "ICX1002", hint: "Its canisters are: counter." } } });
  });
});
