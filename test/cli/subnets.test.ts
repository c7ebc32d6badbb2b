import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { counterProject, startHere } from "./project.ts";
import { icx, temporaryFolder, type Ran } from "./run.ts";
import { Terminal } from "./terminal.ts";

interface Subnet { readonly id: string; readonly type: string; readonly role: string; readonly pricedAs: number; readonly nodes: number; readonly canisters: number; readonly ranges: readonly { readonly start: string }[] }
const listed = ({ json }: Ran): readonly Subnet[] => (json as { readonly subnets: readonly Subnet[] }).subnets;
const shape = (subnets: readonly Subnet[]): readonly (readonly unknown[])[] => subnets.map(({ type, role, pricedAs, nodes }) => [type, role, pricedAs, nodes]);

test("subnets are listed, added, used and removed while the network runs", { timeout: 60_000 }, async () => {
  using folder = temporaryFolder();
  await counterProject(folder.path);
  const run = (...argv: readonly string[]): Promise<Ran> => icx(folder.path, [...argv, "--json"]);
  const network = await startHere(folder.path, ["--port", "0", "--subnet", "application:2", "--subnet", "fiduciary"]);
  try {
    expect(shape(listed(await run("subnet", "list")))).toEqual([["system", "root", 40, 1], ["application", "default", 13, 1], ["application", "other", 13, 1], ["application", "other", 34, 1]]);
    const added = (await run("subnet", "add", "application", "--priced-as", "28")).json as Subnet;
    expect(added).toMatchObject({ type: "application", pricedAs: 28, nodes: 1, canisters: 0 });
    expect(await run("deploy", "--subnet", added.id.slice(0, 11))).toMatchObject({ code: 0, json: { canisters: [{ id: added.ranges[0]!.start }] } });
    expect(await run("call", "counter", "increment", "(1)")).toMatchObject({ code: 0, json: { reply: { values: ["1"] } } });
    expect(await run("subnet", "info", added.id)).toMatchObject({ code: 0, json: { canisters: 1, health: "healthy" } });
    expect((await icx(folder.path, ["subnet", "info", added.id])).stdout).toMatch(/^Subnet: .*\nType: application\nNodes: 1, of which 1 have to agree\nPriced as: 28 nodes\nHealth: healthy\n/);
    expect((await icx(folder.path, ["subnet", "list"])).stdout.trim().split("\n")).toHaveLength(6);
    // Canisters are not thrown away without a word.
    expect(await run("subnet", "remove", added.id)).toMatchObject({ code: 2, json: { error: { code: "ICX5009" } } });
    expect(await run("subnet", "remove", added.id, "-y")).toMatchObject({ code: 0, json: { id: added.id } });
    const before = listed(await run("subnet", "list"));
    expect(before.map(({ id }) => id)).not.toContain(added.id);
    expect(await run("subnet", "remove", before[3]!.id)).toMatchObject({ code: 0 }); // nothing there to lose: no question
    for (const { id } of before.slice(0, 2)) expect(await run("subnet", "remove", id, "-y")).toMatchObject({ code: 1, json: { error: { code: "ICX2022" } } });
    expect(await run("subnet", "info", "nowhere")).toMatchObject({ code: 2, json: { error: { code: "ICX2021" } } });
    for (const argv of [["subnet", "add", "aplication"], ["subnet", "add", "--nodes", "0"], ["subnet", "add", "--priced-as", "0"]]) expect(await run(...argv)).toMatchObject({ code: 2, json: { error: { code: "ICX5001" } } });
  } finally { expect(await network.stop()).toBe(0); }
  // The network does not run: its state is opened by the command.
  expect(shape(listed(await run("subnet", "list")))).toHaveLength(3);
  expect(await run("subnet", "add", "system")).toMatchObject({ code: 0, json: { type: "system" } });
  expect(shape(listed(await run("subnet", "list")))).toHaveLength(4);
});

describe("icp.yaml says what a new network is made of", () => {
  const project = async (network: string): Promise<ReturnType<typeof temporaryFolder>> => {
    const folder = temporaryFolder();
    mkdirSync(folder.path, { recursive: true });
    await counterProject(folder.path);
    writeFileSync(join(folder.path, "icp.yaml"), `canisters: []\nnetworks:\n  - name: local\n    mode: managed\n${network}`);
    return folder;
  };
  test("by types, as icp-cli has them, or with sizes", async () => {
    using folder = await project("    nodes: 2\n    subnets:\n      - nns\n      - application\n      - { type: fiduciary, nodes: 1, priced-as: 28 }\n");
    expect(shape(listed(await icx(folder.path, ["subnet", "list", "--json"])))).toEqual([["system", "root", 40, 2], ["application", "default", 13, 2], ["application", "other", 28, 1]]);
  });
  test("the command line says otherwise; what a network that exists does not have is told", { timeout: 20_000 }, async () => {
    using folder = await project("    subnets: [application, application]\n");
    const network = await startHere(folder.path, ["--port", "0", "--subnet", "fiduciary"]);
    expect(shape(listed(await icx(folder.path, ["subnet", "list", "--json"])))).toEqual([["system", "root", 40, 1], ["application", "default", 34, 1]]);
    await network.stop();
    const again = await startHere(folder.path, ["--port", "0"]);
    await again.stop();
    expect(again.events.find(({ event }) => event === "warning")).toMatchObject({ text: expect.stringContaining("`icx subnet add application`") as unknown });
  });
  test.each([
    ["    subnets: [aplication]\n", "did you mean application"], ["    subnets: [{ type: application, nodes: 0 }]\n", "from 1 to 40"], ["    subnets: [{ nodes: 1 }]\n", "type"],
    ["    nodes: many\n", "nodes"], ["    subnets: [{ type: application, size: 3 }]\n", "size"],
  ])("%j is refused with its place", async (network, problem) => {
    using folder = await project(network);
    expect((await icx(folder.path, ["subnet", "list", "--json"])).json).toMatchObject({ error: { code: "ICX1003", message: expect.stringContaining(problem) as unknown } });
  });
  test.each(["aplication", "application:0", "application:", "nns"])("--subnet %s names none", async (text) => {
    using folder = await project("");
    expect((await icx(folder.path, ["start", "--subnet", text, "--json"])).json).toMatchObject({ error: { code: "ICX5001" } });
  });
});

describe("icx subnet watch", () => {
  /** Watches until enough was written, then interrupts. */
  const watch = async (folder: string, argv: readonly string[], enough: (text: string) => boolean): Promise<Ran> => {
    const controller = new AbortController();
    let text = "";
    const ran = await icx(folder, ["subnet", "watch", ...argv], { stdout: { write: (more) => { text += more; if (enough(text)) controller.abort(); } }, interrupted: controller.signal }, false);
    return { ...ran, stdout: text };
  };
  test("tells blocks and nodes line by line, of one subnet or of all", { timeout: 30_000 }, async () => {
    using folder = temporaryFolder();
    await counterProject(folder.path);
    const network = await startHere(folder.path, ["--port", "0", "--nodes", "4"]);
    try {
      const [root, first] = listed(await icx(folder.path, ["subnet", "list", "--json"])) as [Subnet, Subnet];
      const all = await watch(folder.path, ["--json"], (text) => [root, first].every(({ id }) => text.includes(`{"event":"block","subnet":"${id}"`)));
      const events = all.stdout.trim().split("\n").map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
      expect(all.code).toBe(130);
      expect(events.filter(({ event }) => event === "node").slice(0, 8).map(({ state }) => state)).toEqual(["answers", "running", "running", "running", "answers", "running", "running", "running"]);
      expect(events.find(({ event, subnet }) => event === "block" && subnet === first.id)).toMatchObject({ height: expect.any(Number) as unknown, rank: expect.any(Number) as unknown, maker: expect.stringMatching(/^\w{5}-/) as unknown, messages: 0 });
      const one = await watch(folder.path, [first.id.slice(0, 11)], (text) => text.split("\n").length > 6);
      expect(one.stdout).toMatch(new RegExp(`^node \\S+ of subnet ${first.id.slice(0, 11)}: answers\n`));
      expect(one.stdout).toMatch(new RegExp(`^block \\d+ of subnet ${first.id.slice(0, 11)}: rank [0-3] by \\S+, 0 messages$`, "m"));
      expect(one.stdout).not.toContain(root.id.slice(0, 11));
      // On a terminal a table follows the nodes: a key stops one, another one starts it, q ends.
      const terminal = new Terminal();
      let drawn = "", wake = (): void => undefined;
      const stdout = { isTTY: true, columns: 80, rows: 24, write: (text: string) => { drawn += text; wake(); return true; }, on: () => undefined, off: () => undefined };
      const shows = async (words: RegExp): Promise<void> => { while (!words.test(drawn)) await new Promise<void>((done) => { wake = done; }); drawn = ""; };
      const ran = icx(folder.path, ["subnet", "watch"], { ...terminal.io(folder.path), stdout });
      await shows(/ 4 nodes run, 3 needed[\s\S]* 2 \S+ running/);
      terminal.stdin.write("2");
      await shows(/3 of 4 nodes run[\s\S]* 2 \S+ stopped/);
      terminal.stdin.write("s");
      await shows(/4 of 4 nodes run[\s\S]* 2 \S+ running/);
      terminal.stdin.write("q");
      expect((await ran).code).toBe(0);
    } finally { expect(await network.stop()).toBe(0); }
    expect((await icx(folder.path, ["subnet", "watch", "--json"])).json).toMatchObject({ error: { code: "ICX2004" } });
  });
});
