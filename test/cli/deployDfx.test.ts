import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { deployable } from "./deployable.ts";
import { startHere } from "./project.ts";
import { icx, temporaryFolder, type Ran } from "./run.ts";

interface Row { readonly name: string; readonly id: string; readonly action: string }
const rows = (ran: Ran): readonly Row[] => { expect(ran, JSON.stringify(ran.json)).toMatchObject({ code: 0 }); return (ran.json as { readonly canisters: readonly Row[] }).canisters; };

describe("icx deploy of a dfx.json", () => {
  const folder = temporaryFolder(), at = (name: string): string => join(folder.path, name), lines = (name: string): readonly string[] => readFileSync(at(name), "utf8").trim().split(/\r?\n/);
  let network: Awaited<ReturnType<typeof startHere>>;
  const run = (...argv: readonly string[]): Promise<Ran> => icx(folder.path, [...argv, "--json"]);
  const custom = (name: string, more: object = {}): object => ({ type: "custom", wasm: `${name}.wasm`, candid: "any.did", build: [], ...more });
  const write = (canisters: Readonly<Record<string, object>>, more: object = {}): void => writeFileSync(at("dfx.json"), JSON.stringify({ canisters, ...more }));
  beforeAll(async () => {
    for (const name of ["a", "b", "c-d"]) writeFileSync(at(`${name}.wasm`), await deployable({ variable: `PUBLIC_CANISTER_ID:${name === "a" ? "b" : "a"}` }));
    writeFileSync(at("any.did"), "service : { increment : () -> (nat8); get : () -> (nat8) query; variable : () -> (text) query }");
    write({ a: custom("a") });
    network = await startHere(folder.path);
  });
  afterAll(async () => { await network.stop(); folder[Symbol.dispose](); });

  test("canisters that depend on each other deploy in one go", async () => {
    write({ a: custom("a", { dependencies: ["b"] }), b: custom("b", { dependencies: ["a"] }) });
    const deployed = rows(await run("deploy")), id = Object.fromEntries(deployed.map((row) => [row.name, row.id]));
    expect(deployed.map(({ action }) => action)).toEqual(["installed", "installed"]);
    for (const [name, other] of [["a", "b"], ["b", "a"]] as const) expect(await run("call", name, "variable")).toMatchObject({ json: { reply: { values: [id[other]] } } });
  });
  test("a dependency is deployed with the canister that needs it", async () => {
    write({ a: custom("a"), b: custom("b"), "c-d": custom("c-d", { dependencies: ["b"] }) });
    expect(rows(await run("deploy", "c-d")).map(({ name, action }) => `${name} ${action}`)).toEqual(["b unchanged", "c-d installed"]);
  });
  test.skipIf(process.platform === "win32")("hooks run around the installation, with dfx's variables; a failing one stops the deploy", async () => {
    const told = "echo \"$CANISTER_ID $CANISTER_ID_B $DFX_NETWORK $CANISTER_CANDID_PATH\"";
    write({ a: custom("a", { pre_install: [`${told} >> pre.txt`], post_install: `${told} >> post.txt` }), b: custom("b") });
    const [a, b] = rows(await run("deploy", "--upgrade-unchanged"));
    for (const file of ["pre.txt", "post.txt"]) expect(lines(file)).toEqual([expect.stringMatching(`^${a!.id} ${b!.id} local .*\\.did$`)]);
    expect(existsSync(lines("post.txt")[0]!.split(" ").slice(3).join(" "))).toBe(true);
    write({ a: custom("a", { pre_install: "exit 3" }), b: custom("b") });
    expect(await run("deploy", "a", "--upgrade-unchanged")).toMatchObject({ code: 1, json: { error: { code: "ICX4004", message: expect.stringContaining("exit code 3") as unknown } } });
  });
  test("what the manifest says is on a network already is not deployed there, and its id is known", async () => {
    const elsewhere = "ryjl3-tyaaa-aaaaa-aaaba-cai";
    write({ a: custom("a"), b: custom("b", { remote: { id: { local: elsewhere } } }) });
    expect(rows(await run("deploy")).map(({ name }) => name)).toEqual(["a"]);
    expect(await run("call", "a", "variable")).toMatchObject({ json: { reply: { values: [elsewhere] } } });
  });
  test("a wished id is given where the network has it, otherwise another one, and it is said", async () => {
    const free = "cgpjn-omaaa-aaaaa-qaakq-cai", foreign = "um5iw-rqaaa-aaaaq-qaaba-cai";
    for (const name of ["e", "f"]) writeFileSync(at(`${name}.wasm`), await deployable());
    write({ e: custom("e", { specified_id: free }), f: custom("f", { specified_id: foreign }) });
    const ran = await icx(folder.path, ["deploy", "--json"]), [e, f] = rows(ran);
    expect(e!.id).toBe(free);
    expect(f!.id).not.toBe(foreign);
    expect(ran.stderr).toContain(foreign);
  });
  test("the .env block is written after a deploy", async () => {
    write({ a: custom("a") }, { output_env_file: ".env" });
    writeFileSync(at(".env"), "MINE=1\n");
    const [a] = rows(await run("deploy"));
    expect(lines(".env")).toEqual(expect.arrayContaining(["MINE=1", "DFX_NETWORK='local'", `CANISTER_ID_A='${a!.id}'`]));
  });
  test("dfx's spellings", async () => {
    expect(rows(await run("deploy", "a", "--argument", "()", "--with-cycles", "5T", "--no-wallet")).map(({ action }) => action)).toEqual(["upgraded"]);
    expect(rows(await run("deploy", "--all")).map(({ action }) => action)).toEqual(["unchanged"]);
  });
});
