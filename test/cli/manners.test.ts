import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { commands } from "../../src/commands/index.ts";
import { nearest } from "../../src/errors/nearest.ts";
import { helpText, parseCommandLine } from "../../src/commands/program.ts";
import { icx, temporaryFolder } from "./run.ts";

const visible = commands.filter((row) => !row.hidden);
/** Splits an example as a shell would: single and double quotes, no expansion. */
const words = (line: string): string[] => [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? match[3]!);

describe("every command", () => {
  test("file under commands/ is listed", async () => {
    const files = readdirSync("src/commands", { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
    const rows = await Promise.all(files.map(async (file) => (await import(join(process.cwd(), "src/commands", file)) as { readonly default?: unknown }).default));
    const defined = rows.filter((row) => row !== undefined);
    expect(defined.filter((row) => !(commands as readonly unknown[]).includes(row))).toEqual([]);
    expect(commands.length).toBe(defined.length);
  });
  test.each(visible.map((row) => [row.path, row] as const))("%s has help with examples within 80 columns", (path, row) => {
    const help = helpText(commands, path);
    expect(help).toContain(row.description.slice(0, 20));
    expect(row.examples.length).toBeGreaterThan(0);
    expect(help.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });
  test.each(visible.flatMap((row) => row.examples.map((example) => [example, row] as const)))("example parses: %s", (example, row) => {
    const [program, ...argv] = words(example);
    expect(program).toBe("icx");
    expect(parseCommandLine(commands, "0", argv, 80)).toMatchObject({ kind: "run", row: { path: row.path } });
  });
  test.each(visible.map((row) => [row.path]))("%s answers an unknown option with exit code 2 and a JSON error", async (path) => {
    using folder = temporaryFolder();
    const ran = await icx(folder.path, [...path.split(" "), "--no-such-option", "--json"]);
    expect(ran).toMatchObject({ code: 2, stderr: "", json: { error: { code: "ICX5001", hint: expect.stringContaining(`icx ${path} --help`) as unknown } } });
  });
  test.each(visible.map((row) => [row.path]))("%s --help prints on stdout alone, without colour", async (path) => {
    using folder = temporaryFolder();
    const ran = await icx(folder.path, [...path.split(" "), "--help"]);
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(ran.stdout).toMatch(/^Usage: icx /);
    expect(ran.stdout).not.toContain("\u001b[");
  });
});

describe("a typing error", () => {
  test.each([["deplyo", "icx deploy"], ["nwe", "icx new"], ["strat", "icx start"], ["canister lst", "icx canister list"]])("%s gets the nearest name", async (typed, meant) => {
    using folder = temporaryFolder();
    const ran = await icx(folder.path, [...typed.split(" "), "--json"]);
    expect(ran).toMatchObject({ code: 2, json: { error: { code: "ICX5002", hint: `Did you mean \`${meant}\`?` } } });
  });
  test("far from every name gets the list", async () => {
    using folder = temporaryFolder();
    expect(await icx(folder.path, ["xyzzy"])).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("icx --help") as unknown });
  });
  test.each([["increment", ["increment", "get"], "increment"], ["incrment", ["increment", "get"], "increment"], ["gte", ["increment", "get"], "get"], ["", ["get"], undefined], ["frobnicate", ["get"], undefined]] as const)("nearest(%s)", (typed, known, expected) =>
    expect(nearest(typed, known)).toBe(expected));
});

describe("the program", () => {
  test("bare icx shows the first five commands", async () => {
    using folder = temporaryFolder();
    const ran = await icx(folder.path, []);
    expect(ran.code).toBe(0);
    expect(ran.stdout.match(/^ {2}icx [a-z]/gm)).toHaveLength(5);
  });
  test("--version prints the version alone", async () => {
    using folder = temporaryFolder();
    expect(await icx(folder.path, ["--version"])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as unknown, stderr: "" });
  });
  test("an interrupted command ends with 130", async () => {
    using folder = temporaryFolder();
    expect(await icx(folder.path, ["build"], { interrupted: AbortSignal.abort() })).toMatchObject({ code: 130 });
  });
});
