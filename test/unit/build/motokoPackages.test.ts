import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { mopsPackages } from "../../../src/build/mopsPackages.ts";
import { motokoFlags } from "../../../src/build/motokoFlags.ts";
import { parsePackages } from "../../../src/build/motokoProgram.ts";
import { motokoSources } from "../../../src/build/motokoSources.ts";
import { icx, temporaryFolder, type Ran } from "../../cli/run.ts";

const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());
let count = 0;
/** A folder with these files. */
function place(files: Readonly<Record<string, string>>): { readonly root: string; readonly at: (...path: readonly string[]) => string } {
  const root = join(folder.path, `p${count++}`), at = (...path: readonly string[]): string => join(root, ...path);
  for (const [path, content] of Object.entries(files)) { mkdirSync(dirname(at(path)), { recursive: true }); writeFileSync(at(path), content); }
  return { root, at };
}

describe("packages of mops", () => {
  test("packages of packages are found; the project's own choice wins, then the highest version", () => {
    const { root, at } = place({
      "mops.toml": "[dependencies]\na = \"1.0.0\"\nb = \"1.0.0\"\nshared = \"1.0.0\"\n",
      ".mops/a@1.0.0/mops.toml": "[dependencies]\nshared = \"3.0.0\"\ndeep = \"1.9.0\"\n", ".mops/a@1.0.0/src/lib.mo": "", ".mops/b@1.0.0/mops.toml": "[dependencies]\ndeep = \"1.10.0\"\na = \"1.0.0\"\n", ".mops/b@1.0.0/src/lib.mo": "",
      ".mops/shared@1.0.0/src/lib.mo": "", ".mops/shared@3.0.0/src/lib.mo": "", ".mops/deep@1.9.0/src/lib.mo": "", ".mops/deep@1.10.0/src/lib.mo": "",
    });
    expect(mopsPackages(root)).toEqual({ a: at(".mops/a@1.0.0/src"), b: at(".mops/b@1.0.0/src"), shared: at(".mops/shared@1.0.0/src"), deep: at(".mops/deep@1.10.0/src") });
  });
  test("GitHub's, a path, a pinned name and another folder of sources; what is not installed is left out", () => {
    const commit = "0123456789abcdef0123456789abcdef01234567";
    const { root, at } = place({
      "app/mops.toml": `[dependencies]\nhub = "https://github.com/u/hub#v1.0.0"\nexact = "https://github.com/u/exact#main@${commit}"\nlocal = "../libs/local"\n"base@0.7.3" = "0.7.3"\ngone = "1.0.0"\n`,
      "app/.mops/_github/hub#v1.0.0/src/lib.mo": "", [`app/.mops/_github/exact#main@${commit}/src/lib.mo`]: "", "app/.mops/base@0.7.3/src/Array.mo": "",
      "libs/local/mops.toml": "[package]\nbaseDir = \"sources\"\n[dependencies]\nnext = \"../next\"\n", "libs/local/sources/lib.mo": "", "libs/next/src/lib.mo": "",
    });
    expect(mopsPackages(join(root, "app"))).toEqual({
      hub: at("app/.mops/_github/hub#v1.0.0/src"), exact: at(`app/.mops/_github/exact#main@${commit}/src`), local: at("libs/local/sources"), "base@0.7.3": at("app/.mops/base@0.7.3/src"), next: at("libs/next/src"),
    });
  });
  test("packages that depend on each other, and one with a broken mops.toml", () => {
    const { root } = place({ "mops.toml": "[dependencies]\na = \"./a\"\n", "a/mops.toml": "[dependencies]\nb = \"../b\"\n", "a/src/lib.mo": "", "b/mops.toml": "[dependencies]\na = \"../a\"\nc = \"../c\"", "b/src/lib.mo": "", "c/mops.toml": "= = =", "c/src/lib.mo": "" });
    expect(Object.keys(mopsPackages(root)).sort()).toEqual(["a", "b", "c"]);
  });
});

describe("what a packtool prints", () => {
  test.each<[string, string, Readonly<Record<string, string>>]>([
    ["a line each", "--package base .mops/base@0.7.3/src\n--package a /abs/a b/src\n", { base: "/there/.mops/base@0.7.3/src", a: "/abs/a b/src" }],
    ["all on one line", "--package base x/src --package b@1 y/src", { base: "/there/x/src", "b@1": "/there/y/src" }],
    ["quoted, with CRLF and words between", "reading\r\n--package base \"x y/src\"\r\n", { base: "/there/x y/src" }],
    ["nothing", "", {}],
  ])("%s", (_, text, expected) => {
    const seen = parsePackages(text, join(folder.path, "there"));
    expect(Object.fromEntries(Object.entries(seen).map(([name, path]) => [name, path.replaceAll("\\", "/").replace(folder.path.replaceAll("\\", "/"), "")]))).toEqual(expected);
  });
});

describe("sources", () => {
  test("an example in a comment imports nothing, a text that looks like a comment hides nothing", () => {
    const { root, at } = place({
      "main.mo": "/// import X \"mo:documented/X\";\n/* import Y \"mo:old/Y\"; */\nimport A /* why */ \"mo:core/Array\";\nimport { a } = \"https://x.y//z\";\nimport S \"canister:stock\"; import B \"mo:base/Buffer\"; // import Z \"mo:late/Z\"\nimport Bytes \"blob:file:logo.txt\"; import Raw \"blob:file:logo.bin\"; let q = '\"'; actor {}",
      "logo.txt": "é", "logo.bin": "",
    });
    writeFileSync(at("logo.bin"), Uint8Array.from([0xff, 0xfe]));
    const found = motokoSources(root, at("main.mo"), {});
    expect(found).toMatchObject({ missingPackages: [], bundled: ["base", "core"], canisters: ["stock"], binaries: ["logo.bin"] });
    expect(Object.keys(found.files)).toEqual(["logo.bin", "logo.txt", "main.mo"]);
  });
});

describe("flags", () => {
  test("are sorted by what they are about, those of a file included", () => {
    const { root, at } = place({ "flags.txt": "-W\nM0223\n" });
    expect(motokoFlags(["--incremental-gc", "--actor-env-alias", "stock", "PUBLIC_CANISTER_ID:stock", "src/stock.did", "--package", "p", "lib", "--args", "flags.txt", "--actor-alias", "a", "aaaaa-aa", "--actor-id-alias", "b", "bbbbb-bb", "b.did", "--actor-idl", "idl", "--public-metadata", "x"], root)).toEqual({
      packages: { p: at("lib") }, idlFolder: at("idl"), metadata: ["x"], others: ["--incremental-gc", "-W", "M0223"],
      aliases: [{ alias: "stock", variable: "PUBLIC_CANISTER_ID:stock", did: at("src/stock.did") }, { alias: "a", id: "aaaaa-aa" }, { alias: "b", id: "bbbbb-bb", did: at("b.did") }],
    });
  });
});

describe.skipIf(process.platform === "win32")("packages from programs", () => {
  const manifest = (packtool: string): string => JSON.stringify({ canisters: { a: { type: "motoko", main: "main.mo" } }, defaults: { build: { packtool } } });
  const MOC = "#!/bin/sh\nif [ \"$1\" = --version ]; then echo 'Motoko compiler 9.9.9'; exit 0; fi\nfor word in \"$@\"; do echo \"$word\"; done > ../arguments\nwhile [ \"$1\" != -o ]; do shift; done\nprintf '\\0asm\\001\\0\\0\\0' > \"$2\"\n";
  const build = async ({ root, at }: ReturnType<typeof place>): Promise<Ran> => {
    for (const program of ["moc", "mops"]) try { chmodSync(at("bin", program), 0o755); } catch { /* it has none */ }
    return icx(root, ["build", "--json"], { env: { PATH: [at("bin"), process.env["PATH"]].join(":"), HOME: folder.path, ICX_HOME: folder.path } });
  };
  const PROGRAM = "import X \"mo:x/X\"; persistent actor {}";
  test("a packtool", async () => {
    const ran = await build(place({ "dfx.json": manifest("echo --package x libs/x"), "main.mo": PROGRAM, "libs/x/X.mo": "module {}", "bin/moc": MOC }));
    expect(ran).toMatchObject({ code: 0 });
  });
  test.each<[string, string, string, RegExp]>([
    ["that fails", "echo no net >&2; exit 3", "ICX4004", /exit code 3[\s\S]*no net/], ["that prints something else", "echo hello", "ICX4019", /printed no package: hello/], ["that lists another package", "echo --package y libs/y", "ICX4009", /package x/],
  ])("a packtool %s", async (_, packtool, code, message) => {
    const ran = await build(place({ "dfx.json": manifest(packtool), "main.mo": PROGRAM, "bin/moc": MOC }));
    expect(ran).toMatchObject({ code: 1, json: { error: { code, message: expect.stringMatching(message) as unknown } } });
  });
  test("`mops sources` is read from .mops without running mops", async () => {
    const ran = await build(place({ "dfx.json": manifest("mops sources"), "mops.toml": "[dependencies]\nx = \"1.0.0\"\n", ".mops/x@1.0.0/src/X.mo": "module {}", "main.mo": PROGRAM, "bin/moc": MOC, "bin/mops": "#!/bin/sh\nexit 9\n" }));
    expect(ran).toMatchObject({ code: 0 });
  });
  test("mops is asked for what is not there; without mops the error names `mops install`", async () => {
    const files = { "dfx.json": manifest("mops sources"), "mops.toml": "[dependencies]\nx = \"1.0.0\"\n", "main.mo": PROGRAM, "elsewhere/X.mo": "module {}", "bin/moc": MOC };
    expect(await build(place({ ...files, "bin/mops": "#!/bin/sh\n[ \"$1\" = sources ] && echo '--package x elsewhere'\n" }))).toMatchObject({ code: 0 });
    expect(await build(place({ ...files, "bin/mops": "#!/bin/sh\necho 'not installed' >&2; exit 1\n" }))).toMatchObject({ code: 1, json: { error: { code: "ICX4009", hint: expect.stringContaining("`mops install`") as unknown } } });
  });
});
