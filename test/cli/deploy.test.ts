import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { deployable } from "./deployable.ts";
import { startHere } from "./project.ts";
import { icx, temporaryFolder, type Ran } from "./run.ts";

interface Row { readonly name: string; readonly id: string; readonly canister_id: string; readonly action: string; readonly created: boolean; readonly configured: boolean }
const rows = (ran: Ran): readonly Row[] => { expect(ran, JSON.stringify(ran.json)).toMatchObject({ code: 0 }); return (ran.json as { readonly canisters: readonly Row[] }).canisters; };
const actions = (ran: Ran): Readonly<Record<string, string>> => Object.fromEntries(rows(ran).map(({ name, action }) => [name, action]));

describe("icx deploy", () => {
  const folder = temporaryFolder(), manifest = join(folder.path, "icp.yaml");
  let network: Awaited<ReturnType<typeof startHere>>;
  const run = (...argv: readonly string[]): Promise<Ran> => icx(folder.path, [...argv, "--json"]);
  const value = async (canister: string, method: string): Promise<unknown> => ((await run("call", canister, method)).json as { readonly reply: { readonly values: readonly unknown[] } }).reply.values[0];
  const canister = (name: string, more = ""): string => `  - name: ${name}\n    build:\n      steps:\n        - { type: pre-built, path: ${name}.wasm }\n${more}`;
  const write = (...canisters: readonly string[]): void => writeFileSync(manifest, `canisters:\n${canisters.join("")}`);
  const module = async (name: string, of: Parameters<typeof deployable>[0] = {}): Promise<void> => writeFileSync(join(folder.path, `${name}.wasm`), await deployable(of));
  beforeAll(async () => {
    await module("first", { variable: "PUBLIC_CANISTER_ID:second" });
    await module("second", { variable: "GREETING" });
    write(canister("first"), canister("second", "    settings:\n      freezing_threshold: 86400\n      environment_variables: { GREETING: hello }\n"));
    network = await startHere(folder.path);
  });
  afterAll(async () => { await network.stop(); folder[Symbol.dispose](); });

  test("--no-create makes nothing", async () => {
    expect(await run("deploy", "--no-create")).toMatchObject({ code: 1, json: { error: { code: "ICX6011", message: expect.stringContaining("first second") as unknown } } });
    expect(await run("canister", "id", "first")).toMatchObject({ code: 1 });
  });
  test("creates all, installs all; each knows the ids of all and the manifest's variables", async () => {
    const deployed = rows(await run("deploy"));
    expect(deployed).toMatchObject([{ name: "first", action: "installed", created: true, url: null }, { name: "second", action: "installed", created: true }]);
    expect(deployed.every(({ id, canister_id }) => id === canister_id)).toBe(true);
    expect(await value("first", "variable")).toBe(deployed[1]!.id);
    expect(await value("second", "variable")).toBe("hello");
  });
  test("a second deploy changes nothing, and says so on stdout alone", async () => {
    expect(rows(await run("deploy"))).toMatchObject([{ action: "unchanged", configured: false }, { action: "unchanged", configured: false }]);
    const { stdout } = await icx(folder.path, ["deploy"]);
    expect(stdout).toMatch(/^first +[a-z\d-]+ +unchanged\nsecond +[a-z\d-]+ +unchanged\n\nNext:\n {2}icx canister call second get\n$/);
    expect(await icx(folder.path, ["canister", "call", "second", "get"])).toMatchObject({ code: 0, stdout: "(0 : nat8)\n" });
  });
  test("a changed module is upgraded and keeps its state; the other is left alone", async () => {
    await run("call", "first", "increment");
    await module("first", { variable: "PUBLIC_CANISTER_ID:second", version: 2 });
    expect(actions(await run("deploy"))).toEqual({ first: "upgraded", second: "unchanged" });
    expect(await value("first", "get")).toBe(1);
  });
  test("changed settings are applied without an upgrade", async () => {
    write(canister("first"), canister("second", "    settings:\n      freezing_threshold: 172800\n      environment_variables: { GREETING: good day }\n"));
    expect(rows(await run("deploy"))).toMatchObject([{ configured: false }, { action: "unchanged", configured: true }]);
    expect(await value("second", "variable")).toBe("good day");
    expect(await run("canister", "status", "second")).toMatchObject({ json: { settings: { freezing_threshold: "172800" } } });
    expect(rows(await run("deploy"))).toMatchObject([{ configured: false }, { configured: false }]);
  });
  test("a stopped canister is upgraded and stays stopped, a running one runs again", async () => {
    await run("canister", "stop", "first");
    expect(actions(await run("deploy", "--upgrade-unchanged"))).toEqual({ first: "upgraded", second: "upgraded" });
    expect(await run("canister", "status", "first")).toMatchObject({ json: { status: "Stopped" } });
    expect(await run("canister", "status", "second")).toMatchObject({ json: { status: "Running" } });
    await run("canister", "start", "first");
  });
  test("an install argument upgrades the one canister that it is for, a changed one of the manifest as well", async () => {
    expect(await run("deploy", "--args", "(1)")).toMatchObject({ code: 2, json: { error: { code: "ICX5001" } } });
    expect(actions(await run("deploy", "first", "--args-format", "hex", "--args", "4449444c0000"))).toEqual({ first: "upgraded" });
    write(canister("first", "    init_args: { value: 4449444c00017b05, format: hex }\n"), canister("second"));
    expect(actions(await run("deploy", "first"))).toEqual({ first: "upgraded" });
    expect(actions(await run("deploy", "first"))).toEqual({ first: "unchanged" });
    expect(actions(await run("deploy", "first", "--args-format", "hex", "--args", "4449444c0000"))).toEqual({ first: "upgraded" });
    expect(actions(await run("deploy", "first"))).toEqual({ first: "unchanged" }); // what was given once is not taken back
  });
  test("--mode install is for empty canisters, --mode upgrade for full ones", async () => {
    expect(await run("deploy", "--mode", "install")).toMatchObject({ code: 1, json: { error: { code: "ICX6009" } } });
    await module("third");
    write(canister("first"), canister("second"), canister("third"));
    expect(await run("deploy", "third", "--mode", "upgrade")).toMatchObject({ code: 1, json: { error: { code: "ICX6010" } } });
    expect(await run("canister", "id", "third")).toMatchObject({ code: 1 });
  });
  test("--mode reinstall without a terminal and without -y is refused; with -y it erases", async () => {
    await run("call", "second", "increment");
    expect(await run("deploy", "second", "--mode", "reinstall")).toMatchObject({ code: 2, json: { error: { code: "ICX5009", message: expect.stringContaining("second") as unknown } } });
    expect(await value("second", "get")).toBe(1);
    expect(actions(await run("deploy", "second", "--mode", "reinstall", "-y"))).toEqual({ second: "reinstalled" });
    expect(await value("second", "get")).toBe(0);
  });
  test("what the network has lost is created again", async () => {
    const [{ id }] = rows(await run("deploy", "third")) as [Row];
    await run("canister", "stop", "third");
    const ids = join(folder.path, ".icx/network/canister_ids.json"), before = readFileSync(ids);
    expect(await run("canister", "delete", "third", "-y")).toMatchObject({ code: 0 });
    writeFileSync(ids, before); // as a copy from before the deletion
    const [again] = rows(await run("deploy", "third"));
    expect(again).toMatchObject({ created: true, action: "installed" });
    expect(again!.id).not.toBe(id);
  });
  test("a canister that others control: told who may, unless nothing has to be done", async () => {
    await run("identity", "new", "guest");
    await run("deploy", "first");
    expect(actions(await run("deploy", "first", "--identity", "guest"))).toEqual({ first: "unchanged" });
    await module("first", { version: 3 });
    expect(await run("deploy", "first", "--identity", "guest")).toMatchObject({ code: 1, json: { error: { code: "ICX6001", errorCode: "IC0542", hint: expect.stringContaining("Only its controllers") as unknown } } });
    expect(actions(await run("deploy", "first"))).toEqual({ first: "upgraded" });
  });
  test("other controllers, cycles and a file of ids are given", async () => {
    const { json } = await run("identity", "principal", "--identity", "guest"), { principal } = json as { readonly principal: string };
    await module("fourth");
    write(canister("fourth"));
    expect(actions(await run("deploy", "--controller", principal, "--cycles", "7t", "--output-env-file", "ids.env"))).toEqual({ fourth: "installed" });
    expect(await run("canister", "status", "fourth", "--identity", "guest")).toMatchObject({ code: 0 });
    expect(readFileSync(join(folder.path, "ids.env"), "utf8")).toMatch(/CANISTER_ID_FOURTH='[a-z\d-]+'/);
    expect(await run("deploy", "--controller", "nobody")).toMatchObject({ code: 2, json: { error: { code: "ICX5008" } } });
  });
  test("one new canister is given the id that is asked for, and an argument of bytes", async () => {
    await module("fifth");
    write(canister("fifth"));
    writeFileSync(join(folder.path, "argument.bin"), Buffer.from("4449444c0000", "hex"));
    const id = "cgpjn-omaaa-aaaaa-qaakq-cai", asked = ["--specified-id", id, "--args-file", "argument.bin"];
    expect(await run("deploy", "--args-format", "bin", "--args", "x")).toMatchObject({ code: 2, json: { error: { code: "ICX5001" } } });
    expect(rows(await run("deploy", ...asked, "--args-format", "bin"))).toMatchObject([{ id, action: "installed" }]);
    await module("sixth");
    write(canister("sixth"));
    expect(await run("deploy", "--specified-id", id)).toMatchObject({ code: 1, json: { error: { code: "ICX6001" } } });
    expect(await run("deploy", "--args-file", "nowhere")).toMatchObject({ code: 1, json: { error: { code: "ICX1010" } } });
  });
  test("a module of more than two megabytes is installed in chunks", async () => {
    await module("large", { padding: 2_500_000 });
    write(canister("large"));
    expect(actions(await run("deploy"))).toEqual({ large: "installed" });
    expect(await value("large", "get")).toBe(0);
  });
  test("an environment has its own canisters, settings and arguments, on the same network", async () => {
    write(canister("first", "    sync: { steps: [{ type: script, command: \"echo $ICP_CLI_ENVIRONMENT $ICP_CLI_NETWORK > environment\" }] }\n"), canister("second", "    settings: { environment_variables: { GREETING: hello } }\n"),
      "environments:\n  - name: staging\n    network: local\n    canisters: [first, second]\n    settings: { second: { environment_variables: { GREETING: hello staging } } }\n");
    await module("first", { variable: "PUBLIC_CANISTER_ID:second" });
    const local = rows(await run("deploy", "-y")), staging = rows(await run("deploy", "-e", "staging"));
    expect(staging).toMatchObject([{ name: "first", created: true }, { name: "second", created: true }]);
    expect(new Set([...local, ...staging].map(({ id }) => id)).size).toBe(4);
    expect(readFileSync(join(folder.path, "environment"), "utf8")).toBe("staging local\n");
    const asked = async (...argv: readonly string[]): Promise<unknown> => ((await run("call", ...argv)).json as { readonly reply: { readonly values: readonly unknown[] } }).reply.values[0];
    expect(await asked("second", "variable", "-e", "staging")).toBe("hello staging");
    expect(await asked("first", "variable", "-e", "staging")).toBe(staging[1]!.id);
    expect(await asked("second", "variable")).toBe("hello");
    expect((await icx(folder.path, ["deploy", "-e", "staging"])).stdout).toContain("icx canister call second get -e staging\n");
    expect(await run("deploy", "-e", "stagging")).toMatchObject({ code: 2, json: { error: { code: "ICX1012" } } });
  });
  test("sync steps run after the installation, and by `icx sync`, with icp-cli's variables", async () => {
    mkdirSync(join(folder.path, "out"), { recursive: true });
    const step = "    sync:\n      steps:\n        - type: script\n          command: echo \"$ICP_CLI_ENVIRONMENT $ICP_CLI_NETWORK $ICP_CLI_CID $ICP_CLI_CID_FIRST\" >> out/synced\n";
    write(canister("first", step), canister("second"));
    const [first] = rows(await run("deploy")), synced = join(folder.path, "out/synced");
    expect(readFileSync(synced, "utf8")).toBe(`local local ${first!.id} ${first!.id}\n`);
    rmSync(synced);
    expect(await run("sync")).toMatchObject({ code: 0, json: { canisters: [{ name: "first" }] } });
    expect(readFileSync(synced, "utf8")).toContain(first!.id);
    await run("canister", "stop", "first");
    expect(await run("sync", "first")).toMatchObject({ code: 1, json: { error: { code: "ICX6012" } } });
    expect(actions(await run("deploy", "first"))).toEqual({ first: "unchanged" });
    expect(await run("canister", "status", "first")).toMatchObject({ json: { status: "Running" } });
    expect(await icx(folder.path, ["sync", "second"])).toMatchObject({ code: 0, stdout: "No canister has sync steps.\n" });
  });
});

describe("what icx does not deploy yet", () => {
  test("is named before anything is created, with the command that deploys the others", async () => {
    using folder = temporaryFolder();
    const run = (...argv: readonly string[]): Promise<Ran> => icx(folder.path, [...argv, "--json"]);
    writeFileSync(join(folder.path, "backend.wasm"), await deployable());
    writeFileSync(join(folder.path, "backend.did"), "service : {}");
    writeFileSync(join(folder.path, "dfx.json"), JSON.stringify({ canisters: {
      backend: { type: "custom", wasm: "backend.wasm", candid: "backend.did", build: [] }, frontend: { type: "assets", source: ["dist"], dependencies: ["backend"] }, ledger: { type: "pull", id: "ryjl3-tyaaa-aaaaa-aaaba-cai" },
    } }));
    const refused = await run("deploy");
    expect(refused).toMatchObject({ code: 1, json: { error: { code: "ICX1013", message: expect.stringMatching(/frontend[\s\S]*ledger/) as unknown, hint: expect.stringContaining("`icx deploy backend`") as unknown } } });
    expect(existsSync(join(folder.path, ".icx/network/state"))).toBe(false);
    expect(actions(await run("deploy", "backend"))).toEqual({ backend: "installed" });
  });
});

describe("without a running network", () => {
  test("the first deploy makes one, the second finds its work; an interrupt after creating loses no id", async () => {
    using folder = temporaryFolder();
    const run = (...argv: readonly string[]): Promise<Ran> => icx(folder.path, [...argv, "--json"]);
    const write = (command: string): void => writeFileSync(join(folder.path, "icp.yaml"), `canisters:\n  - name: only\n    build:\n      steps:\n        - { type: script, command: '${command}' }\n`);
    writeFileSync(join(folder.path, "module.wasm"), await deployable());
    write("exit 9");
    expect(await run("deploy")).toMatchObject({ code: 1, json: { error: { code: "ICX4004" } } });
    const { id } = (await run("canister", "id", "only")).json as { readonly id: string };
    write("cp module.wasm \"$ICP_WASM_OUTPUT_PATH\"");
    expect(rows(await run("deploy"))).toMatchObject([{ id, action: "installed", created: false }]);
    expect(rows(await run("deploy"))).toMatchObject([{ id, action: "unchanged" }]);
  });
});
