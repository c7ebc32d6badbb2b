import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { counterProject, startHere } from "./project.ts";
import { icx, temporaryFolder, type Ran } from "./run.ts";

describe("canister ids in the file of icp-cli", () => {
  const folder = temporaryFolder(), mapping = join(folder.path, ".icp/cache/mappings/local.ids.json"), own = join(folder.path, ".icx/network/canister_ids.json");
  const run = (...argv: readonly string[]): Promise<Ran> => icx(folder.path, [...argv, "--json"]);
  const mapped = (): Readonly<Record<string, string>> => JSON.parse(readFileSync(mapping, "utf8")) as Readonly<Record<string, string>>;
  const write = (ids: object): void => { mkdirSync(dirname(mapping), { recursive: true }); writeFileSync(mapping, JSON.stringify(ids)); };
  let network: Awaited<ReturnType<typeof startHere>>, id: string, other: string;
  beforeAll(async () => {
    await counterProject(folder.path);
    network = await startHere(folder.path);
    expect(await run("deploy")).toMatchObject({ code: 0 });
    id = mapped()["counter"]!;
    other = ((await run("canister", "create", "--detached")).json as { readonly canister_id: string }).canister_id;
  });
  afterAll(async () => { await network.stop(); folder[Symbol.dispose](); });

  test("deleting .icp between two commands changes nothing: it is written again", async () => {
    expect(await run("call", "counter", "increment", "(2)")).toMatchObject({ code: 0 });
    rmSync(join(folder.path, ".icp"), { recursive: true });
    expect(await run("call", "counter", "get")).toMatchObject({ code: 0, json: { reply: { values: ["2"] } } });
    expect(mapped()).toEqual({ counter: id });
    rmSync(join(folder.path, ".icp"), { recursive: true });
    expect(await run("deploy")).toMatchObject({ json: { canisters: [{ id, action: "unchanged" }] } });
    expect(mapped()).toEqual({ counter: id });
  });
  test("an id of another network is forgotten", async () => {
    write({ counter: "ryjl3-tyaaa-aaaaa-aaaba-cai", gone: "um5iw-rqaaa-aaaaq-qaaba-cai", broken: "no principal" });
    expect(await run("call", "counter", "get")).toMatchObject({ code: 0 });
    expect(mapped()).toEqual({ counter: id });
  });
  test("another canister that exists is a conflict that shows both; both remedies work", async () => {
    write({ counter: other });
    const refused = await run("deploy");
    expect(refused).toMatchObject({ code: 1, json: { error: { code: "ICX1015", ids: [id, other], file: mapping } } });
    for (const shown of [id, other, mapping]) expect(JSON.stringify(refused.json)).toContain(shown);
    expect(mapped()).toEqual({ counter: other });
    expect(await run("canister", "link", "counter", other, "--force")).toMatchObject({ code: 0 });
    expect(await run("canister", "id", "counter")).toMatchObject({ json: { id: other } });
    write({ counter: id });
    expect(await run("canister", "status", "counter")).toMatchObject({ code: 1, json: { error: { code: "ICX1015" } } });
    rmSync(mapping);
    expect(await run("canister", "status", "counter")).toMatchObject({ code: 0 });
    expect(mapped()).toEqual({ counter: other });
    expect(await run("canister", "link", "counter", id, "--force")).toMatchObject({ code: 0 });
  });
  test("an id that only the file knows is taken over if the canister exists", async () => {
    rmSync(own);
    expect(existsSync(mapping)).toBe(true);
    expect(await run("call", "counter", "get")).toMatchObject({ code: 0, json: { reply: { values: ["2"] } } });
    expect(readFileSync(own, "utf8")).toContain(id);
  });
  test("a network that is not local is refused before anything is sent, an unknown one and an unknown environment by name", async () => {
    for (const place of [["-n", "ic"], ["-e", "ic"], ["-n", "https://icp0.io"]]) expect(await run("deploy", ...place)).toMatchObject({ code: 1, json: { error: { code: "ICX1014", hint: expect.stringContaining("later version") as unknown } } });
    expect(await run("deploy", "-n", "wobble")).toMatchObject({ code: 1, json: { error: { code: "ICX1009" } } });
    expect(await run("deploy", "-e", "locl")).toMatchObject({ code: 2, json: { error: { code: "ICX1012", hint: expect.stringContaining("`local`") as unknown } } });
    expect(await run("deploy", "-e", "local")).toMatchObject({ code: 0 });
  });
  test("the effective project and its environments", async () => {
    expect((await icx(folder.path, ["environment", "list"])).stdout).toBe("local\nic\n");
    expect(await run("environment", "list")).toMatchObject({ code: 0, json: { environments: [{ name: "local", network: "local", canisters: ["counter"] }, { name: "ic", network: "ic" }] } });
    expect(await run("project", "show")).toMatchObject({ code: 0, json: { dir: folder.path, canisters: { counter: [folder.path, { name: "counter", init_args: null }] }, networks: { local: { configuration: { gateway: { port: { Fixed: 8000 } } } } }, environments: { local: {}, ic: {} } } });
  });
});
