import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { icx, temporaryFolder } from "./run.ts";
import { environment } from "./surrounding.ts";
import { Terminal } from "./terminal.ts";

describe("icx new", () => {
  test("writes a project whose files are all there and whose name is filled in", async () => {
    using folder = temporaryFolder();
    const ran = await icx(folder.path, ["new", "hello", "--json"]);
    expect(ran).toMatchObject({ code: 0, json: { project: "hello", next: ["cd hello", "icx deploy"] } });
    for (const file of ["icp.yaml", "mops.toml", ".gitignore", "README.md", "src/counter/main.mo"]) expect(existsSync(join(folder.path, "hello", file)), file).toBe(true);
    expect(readFileSync(join(folder.path, "hello", "README.md"), "utf8")).toContain("# hello");
    expect(readFileSync(join(folder.path, "hello", ".gitignore"), "utf8").split("\n")).toContain(".icx/");
  });
  test("writes into an empty folder", async () => {
    using folder = temporaryFolder();
    mkdirSync(join(folder.path, "hello"));
    expect(await icx(folder.path, ["new", "hello"])).toMatchObject({ code: 0 });
  });
  test("never writes into a folder that holds files", async () => {
    using folder = temporaryFolder();
    mkdirSync(join(folder.path, "hello"));
    writeFileSync(join(folder.path, "hello", "mine.txt"), "mine");
    expect(await icx(folder.path, ["new", "hello", "-y", "--json"])).toMatchObject({ code: 1, json: { error: { code: "ICX1004" } } });
    expect(readdirSync(join(folder.path, "hello"))).toEqual(["mine.txt"]);
  });
  test.each([["1st", "ICX1005"], ["a b", "ICX1005"]])("refuses the name %s", async (name, code) => {
    using folder = temporaryFolder();
    expect(await icx(join(folder.path), ["new", name, "--json"])).toMatchObject({ code: 2, json: { error: { code } } });
  });
  test("`.` takes the folder that it is started in, if it is empty", async () => {
    using folder = temporaryFolder();
    const home = join(folder.path, "hello"), env = { env: environment(folder.path) };
    mkdirSync(home);
    expect(await icx(home, ["new", ".", "--json"], env)).toMatchObject({ code: 0, json: { project: "hello", folder: home, next: ["icx deploy"] } });
    expect(existsSync(join(home, "icp.yaml"))).toBe(true);
    expect(await icx(home, ["new", ".", "--json"], env)).toMatchObject({ code: 1, json: { error: { code: "ICX1004" } } });
  });
  test("without a terminal a missing name is wrong usage, and a missing template the first one", async () => {
    using folder = temporaryFolder();
    expect(await icx(folder.path, ["new", "--json"])).toMatchObject({ code: 2, json: { error: { code: "ICX5001", message: expect.stringContaining("'name'") as unknown } } });
    expect(await icx(folder.path, ["new", "hello", "--json"])).toMatchObject({ code: 0, json: { template: "motoko" } });
  });
  test("a path with a space is quoted in what comes next", async () => {
    using folder = temporaryFolder();
    expect(await icx(folder.path, ["new", "my projects/hello", "--template", "prebuilt"])).toMatchObject({ code: 0, stdout: expect.stringContaining("cd 'my projects/hello' && icx deploy") as unknown });
  });
  test("a mistyped template gets the nearest one", async () => {
    using folder = temporaryFolder();
    expect(await icx(folder.path, ["new", "hello", "-t", "motoko-mutli", "--json"])).toMatchObject({ code: 2, json: { error: { code: "ICX1006", hint: "Did you mean `--template motoko-multi`?" } } });
  });
  test("on a terminal it asks for what is missing: the name by typing, the template by arrows", async () => {
    using folder = temporaryFolder();
    const terminal = new Terminal(), asked = icx(folder.path, ["new"], terminal.io(folder.path));
    await terminal.answer("Name of the project:", "1", "\r");
    await terminal.answer("not a usable project name", "\u007f", "hello", "\r");
    await terminal.answer("Begin with:", "\u001b[B", "\u001b[B", "\u001b[B", "\u001b[B", "\r");
    expect((await asked).code).toBe(0);
    expect(terminal.out).toContain("a module that exists already");
    expect(existsSync(join(folder.path, "hello/counter.wasm"))).toBe(true);
  });
  test("names the templates when one is unknown", async () => {
    using folder = temporaryFolder();
    expect(await icx(folder.path, ["new", "hello", "--template", "cobol"])).toMatchObject({ code: 2, stderr: expect.stringMatching(/ICX1006[\s\S]*motoko/) as unknown });
    expect(existsSync(join(folder.path, "hello"))).toBe(false);
  });
});
