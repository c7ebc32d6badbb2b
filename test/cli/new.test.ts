import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { icx, temporaryFolder } from "./run.ts";

describe("icx new", () => {
  test("writes a project whose files are all there and whose name is filled in", async () => {
    using folder = temporaryFolder();
    const ran = await icx(folder.path, ["new", "hello", "--json"]);
    expect(ran).toMatchObject({ code: 0, json: { project: "hello", next: ["cd hello", "icx start --background", "icx deploy"] } });
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
  test("names the templates when one is unknown", async () => {
    using folder = temporaryFolder();
    expect(await icx(folder.path, ["new", "hello", "--template", "cobol"])).toMatchObject({ code: 2, stderr: expect.stringMatching(/ICX1006[\s\S]*motoko/) as unknown });
    expect(existsSync(join(folder.path, "hello"))).toBe(false);
  });
});
