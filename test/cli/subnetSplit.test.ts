import { expect, test } from "vitest";
import { counterProject, startHere } from "./project.ts";
import { icx, temporaryFolder, type Ran } from "./run.ts";

interface Subnet { readonly id: string; readonly role: string; readonly canisters: number; readonly ranges: readonly { readonly start: string; readonly end: string }[] }
const listed = ({ json }: Ran): readonly Subnet[] => (json as { readonly subnets: readonly Subnet[] }).subnets;

test("a subnet is split while the network runs: the canister keeps its id and its state, over restarts too", { timeout: 60_000 }, async () => {
  using folder = temporaryFolder();
  await counterProject(folder.path);
  const run = (...argv: readonly string[]): Promise<Ran> => icx(folder.path, [...argv, "--json"]), increments = async (to: string): Promise<void> => { expect(await run("call", "counter", "increment", "(1)")).toMatchObject({ code: 0, json: { reply: { values: [to] } } }); };
  const network = await startHere(folder.path, ["--port", "0"]);
  try {
    expect(await run("deploy")).toMatchObject({ code: 0 });
    await increments("1");
    const [root, home] = listed(await run("subnet", "list")) as [Subnet, Subnet], id = home.ranges[0]!.start;
    // Nothing happens without a question, nor with what makes no sense.
    expect(await run("subnet", "split", home.id, "--canisters", id)).toMatchObject({ code: 2, json: { error: { code: "ICX5009" } } });
    for (const argv of [[home.id], [home.id, "--ranges", id]]) expect(await run("subnet", "split", ...argv, "-y")).toMatchObject({ code: 2, json: { error: { code: "ICX5001" } } });
    expect(await run("subnet", "split", "nowhere", "--canisters", id, "-y")).toMatchObject({ code: 2, json: { error: { code: "ICX2021" } } });
    for (const argv of [[root.id, "--canisters", "rwlgt-iiaaa-aaaaa-aaaaa-cai"], [home.id, "--canisters", "rwlgt-iiaaa-aaaaa-aaaaa-cai"], [home.id, "--ranges", `${id}:${home.ranges[0]!.end}`], [home.id, "--canisters", `${id},${id}`]]) {
      expect(await run("subnet", "split", ...argv, "-y")).toMatchObject({ code: 1, json: { error: { code: "ICX2025" } } });
    }
    expect(await run("subnet", "split", home.id, "--canisters", "nobody", "-y")).toMatchObject({ code: 2, json: { error: { code: "ICX5008" } } });
    const done = await run("subnet", "split", home.id.slice(0, 11), "--canisters", "counter", "-y");
    expect(done).toMatchObject({ code: 0, json: { subnet: home.id } });
    const subnets = listed(await run("subnet", "list")), made = subnets.find((subnet) => subnet.id === (done.json as { readonly destination: string }).destination)!;
    expect(subnets.map(({ role, canisters }) => [role, canisters])).toEqual([["root", 1], ["default", 0], ["other", 1]]);
    expect(made.ranges[0]).toEqual({ start: id, end: id });
    await increments("2");
  } finally { expect(await network.stop()).toBe(0); }
  const again = await startHere(folder.path, ["--port", "0"]);
  try {
    await increments("3");
    expect(listed(await run("subnet", "list")).map(({ role, canisters }) => [role, canisters])).toEqual([["root", 1], ["default", 0], ["other", 1]]);
    expect((await run("canister", "create", "--detached")).json).not.toMatchObject({ id: listed(await run("subnet", "list"))[2]!.ranges[0]!.start });
  } finally { expect(await again.stop()).toBe(0); }
});
