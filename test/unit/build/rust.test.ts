import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { extractCandid } from "../../../src/build/extractCandid.ts";
import { assemble } from "../../canisters/assemble.ts";
import { icx, temporaryFolder, type Ran } from "../../cli/run.ts";

const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());
const DID = "service : { get : () -> (nat) query }";
const carrying = (text: string, body = "i32.const 64"): Promise<Uint8Array> => assemble(`(module (import "ic0" "time" (func $time (result i64))) (import "ic0" "debug_print" (func $print (param i32 i32)))
  (memory (export "memory") 1) (data (i32.const 64) "${text}") (func (export "get_candid_pointer") (result i32) (call $print (i32.const 0) (i32.const 0)) ${body}))`);

describe("the interface that a module carries", () => {
  test("is what its export points to", async () => expect(await extractCandid(await carrying(`${DID.replaceAll("\"", "\\22")} // \\c3\\bc\\00more`))).toEqual({ kind: "found", candid: `${DID} // ü` }));
  test("a module without the export has none", async () => expect(await extractCandid(await assemble("(module)"))).toEqual({ kind: "absent" }));
  test.each<[string, () => Promise<Uint8Array>, RegExp]>([
    ["calls the system", () => carrying(DID, "call $time drop i32.const 64"), /calls ic0\.time/], ["traps", () => carrying(DID, "unreachable"), /unreachable/], ["points outside its memory", () => carrying(DID, "i32.const -1"), /no end/],
    ["has a text without an end", () => assemble("(module (memory (export \"memory\") 1 1) (func (export \"get_candid_pointer\") (result i32) (memory.fill (i32.const 0) (i32.const 65) (i32.const 65536)) i32.const 0))"), /no end/],
    ["is no UTF-8", () => carrying("\\ff\\fe\\00"), /not valid/], ["hides its memory", () => assemble("(module (func (export \"get_candid_pointer\") (result i32) i32.const 0))"), /exports no memory/],
    ["wants a memory", () => assemble("(module (import \"x\" \"m\" (memory 1)) (func (export \"get_candid_pointer\") (result i32) i32.const 0))"), /imports the memory x\.m/], ["is none", () => Promise.resolve(Uint8Array.from([1, 2, 3])), /./],
  ])("a module that %s gives a reason", async (_, module, reason) => expect(await extractCandid(await module())).toEqual({ kind: "failed", reason: expect.stringMatching(reason) as unknown }));
  test("a module that never answers is ended", async () => expect(await extractCandid(await carrying(DID, "(loop $for_ever (br $for_ever)) i32.const 64"), 200)).toMatchObject({ kind: "failed", reason: expect.stringContaining("within") as unknown }));
});

describe.skipIf(process.platform === "win32")("Rust, with a stand-in for cargo", () => {
  const root = join(folder.path, "project"), bin = join(folder.path, "bin");
  beforeAll(async () => {
    for (const path of [root, bin]) mkdirSync(path);
    writeFileSync(join(root, "Cargo.toml"), "[package]\nname = \"my-canister\"\n");
    writeFileSync(join(root, "out.wasm"), await carrying(DID));
    writeFileSync(join(root, "other.wasm"), await assemble("(module)"));
  });
  const build = (cargo: string | undefined, configuration: Readonly<Record<string, unknown>> = {}): Promise<Ran> => {
    writeFileSync(join(root, "icp.yaml"), `canisters:\n  - name: counter\n    recipe: { type: "@dfinity/rust@v3.0.0", configuration: ${JSON.stringify({ package: "my-canister", ...configuration })} }\n`);
    if (cargo !== undefined) { writeFileSync(join(bin, "cargo"), `#!/bin/sh\n${cargo}`); chmodSync(join(bin, "cargo"), 0o755); }
    return icx(root, ["build", "--json"], { env: { PATH: cargo === undefined ? "" : [bin, "/usr/bin", "/bin"].join(":"), HOME: folder.path, ICX_HOME: folder.path } });
  };
  const artifact = (name: string, file: string, fresh: boolean): string => `echo '${JSON.stringify({ reason: "compiler-artifact", target: { name, kind: ["cdylib"] }, filenames: [join(root, file)], fresh })}'\n`;
  const GOOD = `echo "$@" > arguments; pwd > cwd; echo '   Compiling my-canister' >&2; echo 'not json'\n${artifact("dependency", "other.wasm", true)}${artifact("my_canister", "out.wasm", false)}echo '{"reason":"build-finished","success":true}'\n`;
  test("runs cargo in the project's folder, takes the package's module and the interface that it carries", async () => {
    expect(await build(GOOD, { locked: true })).toMatchObject({ code: 0, json: { canisters: [{ name: "counter", cached: false }] } });
    expect(readFileSync(join(root, "arguments"), "utf8").trim()).toBe("build --target wasm32-unknown-unknown --release --package my-canister --message-format json-render-diagnostics --locked");
    expect(readFileSync(join(root, "cwd"), "utf8").trim()).toBe(root);
    const [section] = WebAssembly.Module.customSections(new WebAssembly.Module(readFileSync(join(root, ".icx/build/counter/counter.wasm"))), "icp:public candid:service");
    expect(Buffer.from(section!).toString()).toBe(DID);
    expect(await build(artifact("my_canister", "out.wasm", true))).toMatchObject({ code: 0, json: { canisters: [{ cached: true }] } });
  });
  test("a candid file of the manifest is published instead", async () => {
    writeFileSync(join(root, "own.did"), "service : { own : () -> () }");
    expect(await build(GOOD, { candid: "own.did" })).toMatchObject({ code: 0 });
    expect(readFileSync(join(root, ".icx/build/counter/counter.did"), "utf8")).toContain("own");
  });
  test("a module that does not tell its interface is built all the same, and said", async () => {
    writeFileSync(join(root, "silent.wasm"), await carrying(DID, "unreachable"));
    const ran = await build(artifact("my_canister", "silent.wasm", false));
    expect(ran).toMatchObject({ code: 0, stderr: expect.stringContaining("interface of counter could not be read") as unknown });
  });
  test.each<[string, string | undefined, string, RegExp, RegExp]>([
    ["no cargo", undefined, "ICX4013", /no cargo on the PATH/, /rustup\.rs/],
    ["no wasm target", "printf \"error[E0463]: can't find crate for \\`core\\`\\n  = note: the \\`wasm32-unknown-unknown\\` target may not be installed\\n\" >&2; exit 101", "ICX4014", /target wasm32-unknown-unknown/, /`rustup target add wasm32-unknown-unknown`/],
    ["errors in the program", "echo 'error[E0308]: mismatched types' >&2; exit 101", "ICX4004", /exit code 101: cargo build[\s\S]*mismatched types/, /./],
    ["a package that makes no module", "true", "ICX4015", /no wasm module came of it/, /cdylib/],
  ])("%s", async (_, cargo, code, message, hint) => {
    expect(await build(cargo)).toMatchObject({ code: 1, json: { error: { code, message: expect.stringMatching(message) as unknown, hint: expect.stringMatching(hint) as unknown } } });
  });
});
