import { expect, test } from "vitest";
import { counterProject, startHere } from "./project.ts";
import { icx, temporaryFolder, type Ran } from "./run.ts";

interface Subnet { readonly id: string; readonly role: string; readonly canisters: number }

test("a canister moves to another subnet: id, state, settings and controllers stay; what fails leaves it as it was", { timeout: 60_000 }, async () => {
  using folder = temporaryFolder();
  await counterProject(folder.path);
  const run = (...argv: readonly string[]): Promise<Ran> => icx(folder.path, [...argv, "--json"]), increments = async (to: string): Promise<void> => { expect(await run("call", "counter", "increment", "(1)")).toMatchObject({ code: 0, json: { reply: { values: [to] } } }); };
  const network = await startHere(folder.path, ["--port", "0", "--subnet", "application:2"]);
  try {
    expect(await run("deploy")).toMatchObject({ code: 0 });
    await increments("1");
    expect(await run("canister", "settings", "update", "counter", "--freezing-threshold", "40d", "--add-controller", "aaaaa-aa")).toMatchObject({ code: 0 });
    const subnets = async (): Promise<readonly Subnet[]> => ((await run("subnet", "list")).json as { readonly subnets: readonly Subnet[] }).subnets, [root, home, other] = await subnets() as [Subnet, Subnet, Subnet];
    const status = async (): Promise<unknown> => ((await run("canister", "status", "counter")).json as { readonly settings: unknown }).settings, before = await status();
    expect(await run("canister", "migrate", "counter", "--to", other.id)).toMatchObject({ code: 2, json: { error: { code: "ICX5009" } } });
    expect(await run("canister", "migrate", "counter")).toMatchObject({ code: 2 });
    expect(await run("canister", "migrate", "counter", "--to", "nowhere", "-y")).toMatchObject({ code: 2, json: { error: { code: "ICX2021" } } });
    for (const to of [root, home]) expect(await run("canister", "migrate", "counter", "--to", to.id, "-y")).toMatchObject({ code: 1, json: { error: { code: "ICX6017" } } });
    await increments("2");

    expect(await run("canister", "migrate", "counter", "--to", other.id.slice(0, 11), "-y")).toMatchObject({ code: 0, json: { from: home.id, to: other.id, status: "Running" } });
    expect((await subnets()).map(({ canisters }) => canisters)).toEqual([1, 0, 1]);
    expect(await status()).toEqual(before);
    await increments("3");
    // And back again.
    expect(await run("canister", "migrate", "counter", "--to", home.id, "-y")).toMatchObject({ code: 0 });
    await increments("4");
  } finally { expect(await network.stop()).toBe(0); }
  await increments("5");
});
