import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { Certificate } from "@dfinity/agent";
import { Principal } from "@dfinity/principal";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isAlive } from "../../src/network/processes.ts";
import { counterProject, startHere } from "./project.ts";
import { icx, temporaryFolder, type Ran } from "./run.ts";

type Reply = { readonly reply: { readonly values: readonly string[] }; readonly requestId?: string; readonly certificate?: string; readonly rootKey: string; readonly kind: string };
const value = (ran: Ran): string | undefined => (ran.json as Reply).reply.values[0];

const fromHex = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));

describe("a project's network, from the command line", () => {
  const folder = temporaryFolder();
  let network: Awaited<ReturnType<typeof startHere>>;
  const run = (...argv: readonly string[]): Promise<Ran> => icx(folder.path, [...argv, "--json"]);
  beforeAll(async () => { await counterProject(folder.path); network = await startHere(folder.path); });
  afterAll(async () => { await network.stop(); folder[Symbol.dispose](); });

  test("says where it answers, with icp-cli's keys, and keeps its token to itself", async () => {
    const { json } = await run("network", "status");
    expect(json).toMatchObject({ managed: true, api_url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) as unknown, gateway_url: expect.any(String) as unknown, root_key: expect.stringMatching(/^[\da-f]{266}$/) as unknown, pid: process.pid, stateDir: join(folder.path, ".icx/network/state") });
    if (process.platform !== "win32") expect(statSync(join(folder.path, ".icx/network/admin-token")).mode & 0o777).toBe(0o600);
  });
  test("a second start of the same project tells the address of the first, in the foreground and in the background", async () => {
    const { json: status } = await run("network", "status"), { api_url: url, port } = status as { readonly api_url: string; readonly port: number };
    for (const argv of [["start"], ["start", "--background"], ["start", "--port", String(port), "--host", "127.0.0.1"]]) expect(await run(...argv)).toMatchObject({ code: 0, json: { url, port, pid: process.pid } });
    expect(await icx(folder.path, ["start"])).toMatchObject({ code: 0, stdout: `The network is running already at ${url} (pid ${process.pid}).\n` });
  });
  test.each([
    ["--port", "1", "instead of 1"], ["--host", "0.0.0.0", "host 127.0.0.1 instead of 0.0.0.0"], ["--allow-host", "icx", "without the host name icx"], ["--seed", "00".repeat(32), "the keys that it has"],
    ["--ephemeral", "", "on disk"], ["--clean", "-y", "the state that it has"],
  ])("unless it is asked for other settings: %s", async (option, value, told) => {
    const ran = await run("start", "--background", option, ...(value === "" ? [] : [value]));
    expect(ran).toMatchObject({ code: 1, json: { error: { code: "ICX2003", pid: process.pid, message: expect.stringContaining(told) as unknown } } });
  });
  test("before the first deploy a canister has no id", async () => expect(await run("canister", "id", "counter")).toMatchObject({ code: 1, json: { error: { code: "ICX1007" } } }));
  test("deploy installs, a second one changes nothing", async () => {
    const first = await run("deploy");
    expect(first).toMatchObject({ code: 0, json: { canisters: [{ name: "counter", action: "installed", created: true }] } });
    expect(await run("deploy")).toMatchObject({ code: 0, json: { canisters: [{ action: "unchanged", created: false }] } });
    const { id } = (first.json as { readonly canisters: readonly { readonly id: string }[] }).canisters[0]!;
    expect(await run("canister", "id", "counter")).toMatchObject({ json: { id } });
    expect(await run("canister", "list")).toMatchObject({ json: { canisters: ["counter"], ids: { counter: id } } });
  });
  test("an update call carries a certificate that the root key proves", async () => {
    const ran = await run("canister", "call", "counter", "increment", "(5)");
    expect(ran).toMatchObject({ code: 0, json: { kind: "update", reply: { candid: "(5 : nat)", values: ["5"] } } });
    const { certificate, rootKey, requestId } = ran.json as Required<Reply>, { id } = (await run("canister", "id", "counter")).json as { readonly id: string };
    const proven = await Certificate.create({ certificate: fromHex(certificate), rootKey: fromHex(rootKey), canisterId: Principal.fromText(id) });
    expect(proven.lookup_path(["request_status", fromHex(requestId), "status"])).toMatchObject({ value: Uint8Array.from(Buffer.from("replied")) });
  });
  test("a query method is asked as a query, unless consensus is wanted", async () => {
    expect(await run("call", "counter", "get")).toMatchObject({ json: { kind: "query", reply: { values: ["5"] } } });
    expect(await run("call", "counter", "get", "--update")).toMatchObject({ json: { kind: "update", reply: { values: ["5"] }, certificate: expect.any(String) as unknown } });
    expect(await icx(folder.path, ["call", "counter", "get"])).toMatchObject({ code: 0, stdout: "(5 : nat)\n" });
    expect(await icx(folder.path, ["call", "counter", "get", "-o", "json"])).toMatchObject({ stdout: "[\"5\"]\n" });
    expect(await icx(folder.path, ["call", "counter", "get", "-o", "hex"])).toMatchObject({ stdout: "4449444c00017d05\n" });
  });
  test.each([
    ["an unknown method", ["call", "counter", "incremnt", "(1)"], 2, "ICX5005"], ["a wrong type", ["call", "counter", "increment", "(\"x\")"], 2, "ICX5004"], ["no argument", ["call", "counter", "increment"], 2, "ICX5013"],
    ["text that is no candid", ["call", "counter", "increment", "(1"], 2, "ICX5003"], ["no such canister in the project", ["call", "conter", "get"], 2, "ICX5008"], ["no such canister on the network", ["call", "rrkah-fqaaa-aaaaa-aaaaq-cai", "get"], 1, "ICX6003"],
    ["a root key fetched from nothing", ["call", "ryjl3-tyaaa-aaaaa-aaaba-cai", "get", "-n", "http://127.0.0.1:1", "-k", "fetch"], 1, "ICX2001"],
    ["an unknown network", ["call", "counter", "get", "-n", "staging"], 1, "ICX1009"], ["a URL without a root key", ["call", "counter", "get", "-n", "http://127.0.0.1:1"], 1, "ICX2010"],
    ["nothing at a URL", ["call", "ryjl3-tyaaa-aaaaa-aaaba-cai", "get", "-n", "http://127.0.0.1:1", "--root-key", "00"], 1, "ICX20"], ["an unknown identity", ["call", "counter", "get", "--identity", "nobody"], 1, "ICX3002"],
    ["a reinstall that nobody confirms", ["deploy", "--mode", "reinstall"], 2, "ICX5009"],
  ])("%s is a coded error", async (_, argv, code, expected) => expect(await run(...argv)).toMatchObject({ code, json: { error: { code: expect.stringContaining(expected) as unknown } } }));
  test("by URL: its root key given, or fetched because the address is this machine's own", async () => {
    const { json } = await run("network", "status"), { api_url: url, root_key: key } = json as { readonly api_url: string; readonly root_key: string }, { id } = (await run("canister", "id", "counter")).json as { readonly id: string };
    for (const rootKey of ["fetch", key]) expect(await run("call", id, "get", "-n", url, "-k", rootKey)).toMatchObject({ code: 0, json: { rootKey: key, reply: { values: ["5"] } } });
    expect(await run("call", id, "get", "-n", url, "-k", "mainnet")).toMatchObject({ code: 1, json: { error: { code: "ICX2012" } } });
  });
  test("only controllers may see the status; others see what is public", async () => {
    expect(await run("canister", "status", "counter")).toMatchObject({ code: 0, json: { status: "Running", module_hash: expect.stringMatching(/^0x[\da-f]{64}$/) as unknown } });
    expect((await run("canister", "status", "counter", "--identity", "anonymous")).json).toEqual({ id: expect.any(String) as unknown, name: "counter", controllers: [expect.any(String)], module_hash: expect.stringMatching(/^0x/) as unknown });
  });
  test("a stopped canister says so and starts again", async () => {
    expect(await run("canister", "stop", "counter")).toMatchObject({ code: 0 });
    expect(await run("call", "counter", "increment", "(1)")).toMatchObject({ code: 1, json: { error: { code: "ICX6001" } } });
    expect(await run("canister", "start", "counter")).toMatchObject({ code: 0 });
    expect(value(await run("call", "counter", "get"))).toBe("5");
  });
  test("reinstall with -y erases the state", async () => {
    expect(await run("deploy", "--mode", "reinstall", "-y")).toMatchObject({ code: 0, json: { canisters: [{ action: "reinstalled" }] } });
    expect(value(await run("call", "counter", "get"))).toBe("0");
  });
});

describe("the life of a network", () => {
  const project = async (): Promise<ReturnType<typeof temporaryFolder>> => { const folder = temporaryFolder(); await counterProject(folder.path); return folder; };
  test("in the background it outlives the command; killed, it is started again with its state; stopped, nothing runs", async () => {
    using folder = await project();
    const run = (...argv: readonly string[]): Promise<Ran> => icx(folder.path, [...argv, "--json"]);
    const { json: first } = await run("start", "--background"), { pid } = first as { readonly pid: number };
    expect(first).toMatchObject({ url: expect.stringMatching(/^http:/) as unknown, log: expect.stringContaining("log.txt") as unknown });
    expect(first).not.toHaveProperty("notices");
    await run("deploy");
    expect(value(await run("call", "counter", "increment", "(7)"))).toBe("7");
    process.kill(pid, "SIGKILL");
    await expect.poll(() => isAlive(pid)).toBe(false);
    expect(await run("network", "status")).toMatchObject({ code: 1, json: { error: { code: "ICX2004" } } });
    // It is there already, with one node: that is said where the command was typed, not in a log.
    const { json: second, stderr } = await run("start", "--background", "--nodes", "4");
    expect(stderr).toContain("This network was made with 1 node a subnet.");
    expect(second).toMatchObject({ notices: [expect.stringContaining("--clean --nodes 4")] });
    expect(value(await run("call", "counter", "get"))).toBe("7");
    expect(second).toMatchObject({ root_key: (first as { readonly root_key: string }).root_key });
    expect(await run("stop")).toMatchObject({ code: 0, json: { stopped: true } });
    expect(isAlive((second as { readonly pid: number }).pid)).toBe(false);
    expect(await run("stop")).toMatchObject({ code: 0, json: { stopped: false } });
  });
  test("--clean moves the old state aside, --ephemeral keeps none", async () => {
    using folder = await project();
    const network = await startHere(folder.path);
    await icx(folder.path, ["deploy"]);
    expect(await network.stop()).toBe(0);
    expect(await icx(folder.path, ["start", "--clean", "--json"])).toMatchObject({ code: 2, json: { error: { code: "ICX5009" } } });
    const cleaned = await startHere(folder.path, ["--clean", "-y", "--ephemeral"]);
    expect(await icx(folder.path, ["canister", "id", "counter", "--json"])).toMatchObject({ json: { error: { code: "ICX1007" } } });
    await cleaned.stop();
    const home = join(folder.path, ".icx/network"), old = readdirSync(home).find((name) => name.startsWith("old-"))!;
    expect(readdirSync(join(home, old)).sort()).toEqual(["canister_ids.json", "state"]);
    expect(existsSync(join(home, "state"))).toBe(false);
  });
  test("in the background, too, it is said what is kept and what is not, and outside of a project what works there", async () => {
    using folder = temporaryFolder();
    const started = await icx(folder.path, ["start", "--background", "--ephemeral"]);
    expect(started.stdout).toContain("Nothing is kept");
    expect(started.stderr).not.toContain("state is kept");
    const next = started.stdout.trimEnd().split("\n").at(-1)!.trim();
    expect(await icx(folder.path, next.split(" ").slice(1))).toMatchObject({ code: 0 });
    expect((await icx(folder.path, ["stop"])).stdout).toMatch(/^Stopped the network \(pid \d+\); it kept no state\.$/m);
  });
  test("a port that was asked for and is taken is an error that names the holder; otherwise the next free one is taken", async () => {
    using folder = await project();
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const refused = await icx(folder.path, ["start", "--port", String(port), "--json"]);
    expect(refused).toMatchObject({ code: 1, json: { error: { code: "ICX2002" } } });
    if (process.platform === "linux") expect(refused.stdout).toContain(`pid ${process.pid}`);
    mkdirSync(join(folder.path, ".icx/network"), { recursive: true });
    writeFileSync(join(folder.path, ".icx/network/port"), String(port)); // remembered from an earlier run
    const network = await startHere(folder.path, ["--ephemeral"]);
    expect(network.events.find(({ event }) => event === "started")?.["port"]).not.toBe(port);
    expect(network.events).toContainEqual({ event: "warning", text: expect.stringMatching(new RegExp(`^Port ${port} is taken.*: the network listens on \\d+\\.$`)) as unknown });
    await network.stop();
    server.close();
  });
});

test("icx demo goes from nothing to a certified answer and leaves nothing running", async () => {
  using folder = temporaryFolder();
  const ran = await icx(folder.path, ["demo", "--json"]);
  expect(ran).toMatchObject({ code: 0, stderr: expect.stringContaining("Called counter.increment(1)") as unknown, json: { project: "icx-demo", update: { reply: { candid: "(1 : nat)" } }, query: { reply: { candid: "(1 : nat)" } }, requestId: expect.stringMatching(/^[\da-f]{64}$/) as unknown } });
  const { certificate, rootKey, requestId, canisterId } = ran.json as { readonly certificate: string; readonly rootKey: string; readonly requestId: string; readonly canisterId: string };
  const proven = await Certificate.create({ certificate: fromHex(certificate), rootKey: fromHex(rootKey), canisterId: Principal.fromText(canisterId) });
  expect(proven.lookup_path(["request_status", fromHex(requestId), "reply"])).toMatchObject({ status: "Found" });
  const project = join(folder.path, "icx-demo");
  expect(readdirSync(join(project, ".icx/network")).filter((name) => ["network.json", "lock"].includes(name))).toEqual([]);
  expect(JSON.parse(readFileSync(join(project, ".icx/network/canister_ids.json"), "utf8"))).toMatchObject({ canisters: { counter: canisterId } });
  const network = await startHere(project);
  expect(value(await icx(project, ["call", "counter", "get", "--json"]))).toBe("1");
  expect(value(await icx(project, ["call", "counter", "increment", "(1)", "--json"]))).toBe("2");
  await network.stop();
  expect(network.events).toContainEqual(expect.objectContaining({ event: "log", canister: "counter", text: "count is now 2" }));
});
