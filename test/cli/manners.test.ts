import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CommandRow } from "../../src/commands/defineCommand.ts";
import { commands } from "../../src/commands/index.ts";
import { helpText, parseCommandLine } from "../../src/commands/program.ts";
import { nearest } from "../../src/errors/nearest.ts";
import { counterProject } from "./project.ts";
import { icx, temporaryFolder, type Ran } from "./run.ts";
import { environment, ownEnvironment } from "./surrounding.ts";

const visible = commands.filter((row) => !row.hidden);
/** Splits an example as a shell would: single and double quotes, no expansion. */
const words = (line: string): string[] => [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? match[3]!);
const ANSWER_MS = 5_000, ESCAPE = "\u001b[";

describe("every command", () => {
  test("file under commands/ is listed", async () => {
    const files = readdirSync("src/commands", { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
    const rows = await Promise.all(files.map(async (file) => (await import(join(process.cwd(), "src/commands", file)) as { readonly default?: unknown }).default));
    const defined = rows.filter((row) => row !== undefined);
    expect(defined.filter((row) => !(commands as readonly unknown[]).includes(row))).toEqual([]);
    expect(commands.length).toBe(defined.length);
  });
  test("has one path, and no other command has it as another spelling", () => {
    const paths = commands.flatMap((row) => [row.path, ...row.aliases]);
    expect(paths.filter((path, index) => paths.indexOf(path) !== index)).toEqual([]);
  });
  test.each(visible.map((row) => [row.path, row] as const))("%s has help with examples within 80 columns", (path, row) => {
    const help = helpText(commands, path);
    expect(help).toContain(row.description.slice(0, 20));
    expect(row.examples.length).toBeGreaterThan(0);
    expect(help.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });
  test.each(commands.flatMap((row) => row.examples.map((example) => [example, row] as const)))("example parses: %s", (example, row) => {
    const [program, ...argv] = words(example);
    expect(program).toBe("icx");
    expect(parseCommandLine(commands, "0", argv, 80)).toMatchObject({ kind: "run", row: { path: row.path } });
  });
  test.each(commands.map((row) => [row.path]))("%s answers an unknown option with exit code 2 and a JSON error", async (path) => {
    using folder = temporaryFolder();
    const ran = await icx(folder.path, [...path.split(" "), "--no-such-option", "--json"]);
    expect(ran).toMatchObject({ code: 2, stderr: "", json: { error: { code: "ICX5001", hint: expect.stringContaining(`icx ${path} --help`) as unknown } } });
  });
  test.each(commands.flatMap((row) => [row.path, ...row.aliases].map((path) => [path])))("%s --help prints on stdout alone, without colour", async (path) => {
    using folder = temporaryFolder();
    const ran = await icx(folder.path, [...path.split(" "), "--help"]);
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(ran.stdout).toMatch(/^Usage: icx /);
    expect(ran.stdout).not.toContain(ESCAPE);
  });
});

/** Those that go on until they are interrupted, as they are called here; the others as in their first example. */
const UNTIL_INTERRUPTED: Readonly<Record<string, readonly string[]>> = { start: ["start", "--ephemeral", "--port", "0"], demo: ["demo"] };
const invocation = ({ path, examples }: CommandRow): readonly string[] => UNTIL_INTERRUPTED[path] ?? words(examples[0]!).slice(1);
/** Nobody can be asked, nothing can be read. */
const closed = (): Readable => { const stream = Readable.from([]); stream.destroy(); return stream; };

/** Runs a row as a script would; what takes longer than five seconds hangs. */
async function runRow(folder: string, row: CommandRow, more: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const began = performance.now(), endless = UNTIL_INTERRUPTED[row.path] !== undefined;
  const ran = await icx(folder, [...invocation(row), ...more], {
    stdin: closed(), env: environment(folder, { ICX_LOCK_TIMEOUT: "1", ...env }), ...(endless && { interrupted: AbortSignal.timeout(300) }),
  }, false);
  expect(performance.now() - began, `${invocation(row).join(" ")} took too long`).toBeLessThan(ANSWER_MS);
  return ran;
}

/** What a failure owes: a code from the catalogue that is not about icx itself, and a remedy. */
const CODED = { error: { code: expect.stringMatching(/^ICX(?!9001)\d{4}$/) as unknown, message: expect.stringMatching(/\S/) as unknown, hint: expect.stringMatching(/\S/) as unknown } };

function keepsMannersInJson({ path }: CommandRow, { code, stdout }: Ran): void {
  expect([0, 1, 2, ...(UNTIL_INTERRUPTED[path] === undefined ? [] : [130])]).toContain(code);
  const documents = stdout.trim().split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>); // each line, or it throws
  expect(documents.length).toBeGreaterThan(code === 130 ? -1 : 0);
  if (UNTIL_INTERRUPTED[path] === undefined) expect(documents).toHaveLength(1);
  if (code === 0) expect(documents.at(-1)).not.toHaveProperty("error");
  else if (code !== 130 && path !== "doctor") expect(documents.at(-1)).toMatchObject(CODED);
  expect(stdout).not.toContain(ESCAPE);
}

function keepsMannersInWords({ path }: CommandRow, { code, stdout, stderr }: Ran): void {
  expect([0, 1, 2, ...(UNTIL_INTERRUPTED[path] === undefined ? [] : [130])]).toContain(code);
  if (code !== 0 && code !== 130 && path !== "doctor") {
    expect(stdout).toBe(""); // a failure has no result
    expect(stderr).toMatch(/Error ICX(?!9001)\d{4}: \S[\s\S]*\n {2}\S/);
  }
  expect(stdout + stderr).not.toContain(ESCAPE);
}

describe("outside a project, with no network and stdin closed", () => {
  test.each(commands.map((row) => [row.path, row] as const))("%s --json", async (_, row) => {
    using folder = temporaryFolder();
    keepsMannersInJson(row, await runRow(folder.path, row, ["--json"]));
  }, 10_000);
  test.each(commands.map((row) => [row.path, row] as const))("%s", async (_, row) => {
    using folder = temporaryFolder();
    keepsMannersInWords(row, await runRow(folder.path, row, []));
  }, 10_000);
});

describe("in a project whose network does not run, with stdin closed", () => {
  const ground = temporaryFolder();
  beforeAll(() => counterProject(ground.path));
  afterAll(() => ground[Symbol.dispose]());
  test.each(commands.filter(({ path }) => path !== "demo").map((row) => [row.path, row] as const))("%s --json", async (_, row) => keepsMannersInJson(row, await runRow(ground.path, row, ["--json"])), 10_000);
  test.each(commands.filter(({ path }) => path !== "demo").map((row) => [row.path, row] as const))("%s --quiet", async (_, row) => {
    const ran = await runRow(ground.path, row, ["--quiet"]);
    keepsMannersInWords(row, ran);
    if (ran.code === 0) expect(ran.stderr.split("\n").filter((line) => line !== "" && !line.startsWith("Warning: ") && !line.startsWith("Stopping: "))).toEqual([]);
  }, 10_000);
});

describe("with a manifest that cannot be read", () => {
  test.each(commands.filter(({ path }) => !["demo", "new"].includes(path)).map((row) => [row.path, row] as const))("%s --json", async (_, row) => {
    using folder = temporaryFolder();
    writeFileSync(join(folder.path, "icp.yaml"), "canisters: [\n  - name: {");
    keepsMannersInJson(row, await runRow(folder.path, row, ["--json"]));
  }, 10_000);
});

describe("a typing error gets the right name", () => {
  const ground = temporaryFolder();
  const COUNTER_DID = "service : { increment : (nat) -> (nat); get : () -> (nat) query }";
  beforeAll(async () => {
    await counterProject(ground.path);
    expect(await icx(ground.path, ["deploy", "--json"])).toMatchObject({ code: 0 });
    mkdirSync(join(ground.path, "did"));
    writeFileSync(join(ground.path, "did", "counter.did"), COUNTER_DID);
  }, 20_000);
  afterAll(() => ground[Symbol.dispose]());
  test.each([
    ["a command", ["deplyo"], "ICX5002", "`icx deploy`"], ["a command", ["nwe"], "ICX5002", "`icx new`"], ["a command below another", ["canister", "lst"], "ICX5002", "`icx canister list`"],
    ["a command two below", ["canister", "settings", "shwo"], "ICX5002", "`icx canister settings show`"], ["an option", ["deploy", "--mdoe", "auto"], "ICX5001", "--mode"], ["an option", ["start", "--cleen"], "ICX5001", "--clean"],
    ["a word among a few", ["deploy", "--mode", "instal"], "ICX5001", "install"], ["a canister of the project", ["deploy", "conter"], "ICX1002", "`counter`"], ["a canister to call", ["call", "coutner", "get"], "ICX5008", "`counter`"],
    ["a method", ["call", "counter", "incremnt", "(1)"], "ICX5005", "`increment`"], ["a template", ["new", "hello", "--template", "motko"], "ICX1006", "motoko"], ["an identity", ["identity", "use", "anonymus"], "ICX3002", "`anonymous`"],
    ["an environment", ["deploy", "-e", "lcoal"], "ICX1012", "`local`"],
  ])("%s: icx %j", async (_, argv, code, meant) => {
    const { json } = await icx(ground.path, [...argv, "--json"]), { error } = json as { readonly error: { readonly code: string; readonly message: string; readonly hint: string } };
    expect(error.code).toBe(code);
    expect(`${error.message} ${error.hint}`).toContain(meant);
  });
  test("far from every name gets the list", async () => expect(await icx(ground.path, ["xyzzy"])).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("icx --help") as unknown }));
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
  test("what peers call the project's root and the log level is understood", async () => {
    using folder = temporaryFolder();
    mkdirSync(join(folder.path, "inner"));
    await counterProject(join(folder.path, "inner"));
    expect(await icx(folder.path, ["canister", "list", "--quiet", "--project-root-override", "inner"])).toMatchObject({ code: 0, stdout: "counter\n" });
    expect(await icx(folder.path, ["canister", "list", "--quiet", "--project-root", "inner"])).toMatchObject({ code: 0, stdout: "counter\n" });
    for (const option of ["--debug", "-v"]) expect(parseCommandLine(commands, "0", ["identity", "list", option], 80)).toMatchObject({ kind: "run", globals: { logLevel: "debug" } });
  });
  test.each([["nothing", "", "ICX5010"], ["no", "n\n", "ICX5010"], ["yes, and its line has no end", "y", undefined]])("a question that gets %s", async (_, typed, code) => {
    using folder = temporaryFolder();
    await counterProject(folder.path);
    expect(await icx(folder.path, ["identity", "new", "alice"])).toMatchObject({ code: 0 });
    const stderr: string[] = [], ran = await icx(folder.path, ["identity", "delete", "alice"], { stdin: Object.assign(Readable.from([typed]), { isTTY: true }), stderr: { isTTY: true, columns: 80, write: (text) => stderr.push(text) } });
    expect({ code: ran.code, told: /ICX\d{4}/.exec(stderr.join(""))?.[0] }).toEqual({ code: code === undefined ? 0 : 1, told: code });
  });
  test("an interrupted command ends with 130", async () => {
    using folder = temporaryFolder();
    expect(await icx(folder.path, ["build"], { interrupted: AbortSignal.abort() })).toMatchObject({ code: 130 });
  });
  test.each([[{ NO_COLOR: "1" }], [{ CI: "true" }], [{ TERM: "dumb" }]])("on a terminal with %j nothing is coloured", async (env) => {
    using folder = temporaryFolder();
    const err: string[] = [];
    await icx(folder.path, ["deploy"], { env: ownEnvironment("the variables are what is tested", { HOME: folder.path, ...env }), stderr: { isTTY: true, columns: 80, write: (text) => err.push(text) } });
    expect(err.join("")).toContain("Error ICX1001:");
    expect(err.join("")).not.toContain(ESCAPE);
  });
  test("on a terminal errors are red", async () => {
    using folder = temporaryFolder();
    const err: string[] = [];
    await icx(folder.path, ["deploy"], { env: ownEnvironment("a terminal with colours is what is tested", { HOME: folder.path }), stderr: { isTTY: true, columns: 80, write: (text) => err.push(text) } });
    expect(err.join("")).toContain(`${ESCAPE}31mError ICX1001:`);
  });
});
