import { expect, test } from "vitest";
import { counterProject, startHere } from "./project.ts";
import { icx, temporaryFolder } from "./run.ts";

interface Listed { readonly nodes: readonly { readonly id: string; readonly subnet: string; readonly subnetType: string; readonly running: boolean; readonly serving: boolean }[] }
interface Links { readonly links: readonly { readonly subnetType: string; readonly delayMs: number; readonly jitterMs: number; readonly groups: readonly (readonly string[])[] }[] }

// What happens to a dapp under load is in test/agreement/pull.test.ts.
test("nodes are stopped, cut off, delayed, corrupted and brought back while a dapp runs", { timeout: 120_000 }, async () => {
  using folder = temporaryFolder();
  await counterProject(folder.path);
  const run = (...argv: readonly string[]): ReturnType<typeof icx> => icx(folder.path, [...argv, "--json"]);
  const increment = async (): Promise<unknown> => (await run("call", "counter", "increment", "(1)")).json;
  const sides = ({ json }: Awaited<ReturnType<typeof icx>>): readonly number[] => (json as Links).links.find(({ subnetType }) => subnetType === "application")!.groups.map(({ length }) => length);
  const network = await startHere(folder.path, ["--nodes", "4", "--port", "0"]);
  try {
    expect(await run("deploy")).toMatchObject({ code: 0 });
    const nodes = ((await run("node", "list")).json as Listed).nodes.filter(({ subnetType }) => subnetType === "application"), ids = nodes.map(({ id }) => id) as [string, string, string, string];
    expect(nodes.map(({ running, serving }) => [running, serving])).toEqual([[true, true], [true, false], [true, false], [true, false]]);
    expect((await icx(folder.path, ["node", "list"])).stdout.trim().split("\n")).toHaveLength(9);
    expect(await run("node", "isolate", ids[2])).toMatchObject({ code: 0, json: { reaches: 1, connectedNodes: 3, neededNodes: 3 } });
    expect((await icx(folder.path, ["node", "list"])).stdout).toMatch(new RegExp(`^${ids[2].slice(0, 11)} .*running, cut off`, "m"));
    expect(await increment()).toMatchObject({ reply: { values: ["1"] } }); // the other three go on
    const cut = await icx(folder.path, ["network", "partition", `${ids[1]},${ids[3].slice(0, 11)}`]);
    expect(cut.stdout).toContain("no side has the 3 nodes that it takes to go on");
    const waiting = increment();
    expect(await run("call", "counter", "get")).toMatchObject({ json: { reply: { values: ["1"] } } });
    expect(sides(await run("network", "heal"))).toEqual([4]);
    expect(await waiting).toMatchObject({ reply: { values: ["2"] } });
    expect(await run("network", "delay", "20ms", "--jitter", "5ms")).toMatchObject({ code: 0, json: { links: [{ delayMs: 20, jitterMs: 5 }, { delayMs: 20, jitterMs: 5 }] } });
    const began = performance.now();
    expect(await increment()).toMatchObject({ reply: { values: ["3"] } });
    expect(performance.now() - began).toBeGreaterThan(60); // a block needs a proposal, a notarization, a finalization and a certification from others
    expect(await run("network", "delay", "0ms")).toMatchObject({ code: 0 });
    expect(await run("node", "corrupt", ids[3])).toMatchObject({ code: 0, json: { node: ids[3], memory: expect.stringMatching(/^(heap|stable)$/) as unknown } });
    expect(await increment()).toMatchObject({ reply: { values: ["4"] } }); // the other three agree
    expect(await run("node", "stop", ids[3].slice(0, 11))).toMatchObject({ code: 0, json: { running: false, runningNodes: 3, neededNodes: 3 } });
    expect((await icx(folder.path, ["node", "stop", ids[2]])).stdout).toContain("2 of 4 nodes of its subnet run, and it needs 3 to go on");
    expect(await run("node", "corrupt", ids[2])).toMatchObject({ code: 1, json: { error: { code: "ICX2023" } } });
    expect(await run("node", "start", ids[2])).toMatchObject({ code: 0, json: { running: true, runningNodes: 3 } });
    // Three of four were never enough to lose: what is left goes on when it is told to.
    const root = ((await run("node", "list")).json as Listed).nodes.filter(({ subnetType }) => subnetType === "system"), subnet = nodes[0]!.subnet;
    for (const id of ids.slice(1)) await run("node", "stop", id);
    expect(await run("subnet", "recover", root[0]!.subnet, "-y")).toMatchObject({ code: 1, json: { error: { code: "ICX2024" } } });
    expect(await run("subnet", "recover", subnet)).toMatchObject({ code: 2, json: { error: { code: "ICX5009", message: expect.stringContaining("3 of 4 nodes") as unknown } } });
    expect(await run("subnet", "recover", subnet, "-y")).toMatchObject({ code: 0, json: { subnet, lost: { length: 3 }, replacements: { length: 3 } } });
    expect(await increment()).toMatchObject({ reply: { values: ["5"] } });
    for (const argv of [["node", "stop", "nobody"], ["network", "partition", ids[0], "nobody"]]) expect(await run(...argv)).toMatchObject({ code: 2, json: { error: { code: "ICX2019" } } });
    expect(await run("network", "delay", "0ms", "--subnet", "nowhere")).toMatchObject({ code: 2, json: { error: { code: "ICX2021" } } });
    for (const argv of [["network", "partition"], ["network", "delay", "50"]]) expect(await run(...argv)).toMatchObject({ code: 2, json: { error: { code: "ICX5001" } } });
  } finally { expect(await network.stop()).toBe(0); }
  expect(await run("node", "stop", "aaaaa")).toMatchObject({ code: 1, json: { error: { code: "ICX2004" } } });
  expect(await run("call", "counter", "get", "--update")).toMatchObject({ json: { reply: { values: ["5"] } } }); // four nodes in the command's own process
});

test("no subnet has none or hundreds of nodes", async () => {
  using folder = temporaryFolder();
  for (const nodes of ["0", "41"]) expect((await icx(folder.path, ["start", "--nodes", nodes, "--json"])).json).toMatchObject({ error: { code: "ICX5001" } });
});

test("subnets of one node have no links to cut", async () => {
  using folder = temporaryFolder();
  await counterProject(folder.path);
  const network = await startHere(folder.path, ["--ephemeral", "--port", "0"]);
  try {
    for (const argv of [["network", "heal"], ["network", "delay", "1ms"], ["network", "partition", "aaaaa"]]) expect((await icx(folder.path, [...argv, "--json"])).json).toMatchObject({ error: { code: "ICX2020" } });
  } finally { expect(await network.stop()).toBe(0); }
});
