import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findNativeMoc } from "../../../src/build/nativeMoc.ts";
import { counterModule } from "../../canisters/assemble.ts";
import { icx, temporaryFolder, type Ran } from "../../cli/run.ts";

const VERSION = "Motoko compiler 99.0.0 (source stand-in)";
/** A stand-in for moc: says its version; otherwise keeps its arguments and writes a module and its interface where `-o` says. */
const standIn = (version: string, folder: string, then = ""): string => `#!/bin/sh
if [ "$1" = --version ]; then echo "${version}"; exit 0; fi
for word in "$@"; do echo "$word"; done > ${folder}/arguments
pwd > ${folder}/cwd
${then}
while [ "$1" != -o ]; do shift; done
cp ${folder}/counter.wasm "$2"
echo 'service : { increment : (nat) -> (nat) }' > "\${2%.wasm}.did"
`;

describe.skipIf(process.platform === "win32")("a Motoko compiler of this machine", () => {
  const folder = temporaryFolder(), at = (...path: readonly string[]): string => join(folder.path, ...path);
  const place = (path: string, content: string): string => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    chmodSync(path, 0o755);
    return path;
  };
  const found = (env: Readonly<Record<string, string>>, motokoCompiler?: string): ReturnType<typeof findNativeMoc> =>
    findNativeMoc({ root: at("project"), motoko: { packages: {}, ...(motokoCompiler !== undefined && { compiler: motokoCompiler }) } }, { HOME: at("home"), ...env, PATH: [env["PATH"], "/usr/bin", "/bin"].filter((part) => part !== undefined).join(":") });
  beforeAll(async () => {
    writeFileSync(at("counter.wasm"), await counterModule());
    for (const name of ["icx", "dfx", "path"]) place(at(name, "moc"), standIn(`${VERSION} ${name}`, folder.path));
    place(at("cache/mops/moc/1.2.3/moc"), standIn(`${VERSION} mops`, folder.path));
    place(at("project/tools/moc"), standIn(`${VERSION} pinned`, folder.path));
    place(at("music/moc"), "#!/bin/sh\necho 'Music On Console 2.5'\n");
    place(at("broken/moc"), "#!/bin/sh\nexit 1\n");
  });
  afterAll(() => folder[Symbol.dispose]());

  const everything = (): Record<string, string> => ({ ICX_MOC: at("icx/moc"), DFX_MOC_PATH: at("dfx/moc"), XDG_CACHE_HOME: at("cache"), PATH: at("path") });
  test.each<[string, readonly string[], string | undefined, string]>([
    ["ICX_MOC comes first", [], "1.2.3", "icx"], ["then DFX_MOC_PATH", ["ICX_MOC"], "1.2.3", "dfx"], ["then what mops.toml pins, as a version", ["ICX_MOC", "DFX_MOC_PATH"], "1.2.3", "mops"],
    ["or as a path", ["ICX_MOC", "DFX_MOC_PATH"], "./tools/moc", "pinned"], ["then the PATH, also when the pinned version is not installed", ["ICX_MOC", "DFX_MOC_PATH"], "4.5.6", "path"],
    ["or when none is pinned", ["ICX_MOC", "DFX_MOC_PATH"], undefined, "path"],
  ])("%s", async (_, without, pinned, which) => {
    const env = Object.fromEntries(Object.entries(everything()).filter(([name]) => !without.includes(name)));
    expect((await found(env, pinned))?.version).toBe(`${VERSION} ${which}`);
  });
  test("a bare name in DFX_MOC_PATH is looked up on the PATH", async () => expect(await found({ DFX_MOC_PATH: "moc", PATH: at("path") })).toEqual({ path: at("path/moc"), version: `${VERSION} path` }));
  test("another program of that name on the PATH is none, and a PATH without one is none", async () => {
    expect(await found({ PATH: at("music") })).toBeUndefined();
    expect(await found({ PATH: at("broken") })).toBeUndefined();
    expect(await found({})).toBeUndefined();
  });
  test.each([["broken/moc", "ICX_MOC"], ["absent/moc", "DFX_MOC_PATH"], ["music/moc", "ICX_MOC"]])("%s, named by %s, is an error that says so", async (path, variable) =>
    await expect(found({ [variable]: at(path) })).rejects.toMatchObject({ code: "ICX4010", message: expect.stringContaining(at(path)) as unknown, hint: expect.stringContaining(variable) as unknown }));

  const project = (): string => at("project");
  const build = (moc: string): Promise<Ran> => icx(project(), ["build", "--json"], { env: { PATH: process.env["PATH"], HOME: at("home"), ICX_HOME: at("home"), ICX_MOC: moc } });
  test("is given the program, the packages and the flags, in the project's folder, and its result is kept", async () => {
    mkdirSync(join(project(), "src"), { recursive: true });
    mkdirSync(join(project(), ".mops/map@9.0.1/src"), { recursive: true });
    writeFileSync(join(project(), "mops.toml"), "[dependencies]\nmap = \"9.0.1\"\n");
    writeFileSync(join(project(), "src/main.mo"), "import Array \"mo:core/Array\";\npersistent actor {}\n");
    writeFileSync(join(project(), "icp.yaml"), "canisters:\n  - name: counter\n    recipe: { type: \"@dfinity/motoko@v4.0.0\", configuration: { main: src/main.mo, args: --release } }\n");
    expect(await build(at("icx/moc"))).toMatchObject({ code: 0, json: { canisters: [{ name: "counter", cached: false }] } });
    const given = readFileSync(at("arguments"), "utf8").trim().split("\n"), core = given[given.indexOf("core") + 1]!;
    expect(given).toEqual(["src/main.mo", "-o", expect.stringMatching(/module\.wasm$/), "-c", "--idl", "--stable-types", "--public-metadata", "candid:service", "--public-metadata", "candid:args",
      "--package", "core", core, "--package", "map", ".mops/map@9.0.1/src", "--release"]);
    expect(readFileSync(join(project(), core, "Array.mo"), "utf8")).toContain("module");
    expect(readFileSync(at("cwd"), "utf8").trim()).toBe(project());
    expect(existsSync(dirname(given[2]!))).toBe(false); // nothing is left in the temporary folder
    expect(readFileSync(join(project(), ".icx/build/counter/counter.did"), "utf8")).toContain("increment");
    rmSync(at("arguments"));
    expect(await build(at("icx/moc"))).toMatchObject({ code: 0, json: { canisters: [{ cached: true }] } });
    expect(await build(at("dfx/moc"))).toMatchObject({ code: 0, json: { canisters: [{ cached: false }] } }); // another compiler, another result
  });
  test("its result is shared by projects of the same content: sources, packages, and the files that flags name", async () => {
    const built = async (name: string, { text = "persistent actor {}", step = "one" } = {}): Promise<unknown> => {
      for (const folder of ["src", "steps"]) mkdirSync(at(name, folder), { recursive: true });
      writeFileSync(at(name, "src/main.mo"), text);
      writeFileSync(at(name, "steps/first.mo"), `module { /* ${step} */ }`);
      writeFileSync(at(name, "icp.yaml"), "canisters:\n  - name: counter\n    recipe: { type: \"@dfinity/motoko@v4.0.0\", configuration: { main: src/main.mo, args: --enhanced-migration steps } }\n");
      const { json } = await icx(at(name), ["build", "--json"], { env: { PATH: process.env["PATH"], ICX_CACHE: at("shared"), ICX_MOC: at("icx/moc") } });
      return (json as { readonly canisters: readonly { readonly cached: boolean }[] }).canisters[0]!.cached;
    };
    expect([await built("one"), await built("two"), await built("three", { text: "actor {}" }), await built("four", { step: "two" }), await built("four", { step: "one" })]).toEqual([false, true, false, false, true]);
  });
  test("what was changed while it compiled is not kept under what it was before", async () => {
    place(at("late/moc"), `${standIn(`${VERSION} late`, folder.path)}echo "// $(date) $$" >> src/main.mo\n`);
    writeFileSync(join(project(), "src/main.mo"), "persistent actor {}\n");
    expect(await build(at("late/moc"))).toMatchObject({ code: 0, json: { canisters: [{ cached: false }] } });
    writeFileSync(join(project(), "src/main.mo"), "persistent actor {}\n");
    expect(await build(at("late/moc"))).toMatchObject({ code: 0, json: { canisters: [{ cached: false }] } });
  });
  test.each<[string, string, string, string]>([
    ["errors in the program", "echo 'src/main.mo:2.1-2.3: type error [M0096], not a number' >&2; exit 1", "ICX4001", "M0096"], ["a compiler that gives up", "echo 'Fatal error: out of memory' >&2; exit 2", "ICX4008", "out of memory"],
    ["a compiler that is killed", "kill -9 $$", "ICX4008", "SIGKILL"], ["a compiler that writes nothing", "exit 0", "ICX4008", "wrote no module"],
  ])("%s: the error names the compiler", async (name, then, code, words) => {
    const moc = place(at("failing", name.replaceAll(" ", "-")), standIn(`${VERSION} ${name}`, folder.path, then)), ran = await build(moc);
    expect(ran).toMatchObject({ code: 1, json: { error: { code } } });
    const { message } = (ran.json as { readonly error: { readonly message: string } }).error;
    expect(message).toContain(words);
    expect(message).toContain(moc);
  });
});
