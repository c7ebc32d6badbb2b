import { describe, expect, test } from "vitest";
import { counterProject } from "./project.ts";
import { icx, temporaryFolder, type Ran } from "./run.ts";

const value = (ran: Ran): string | undefined => (ran.json as { readonly reply: { readonly values: readonly string[] } }).reply.values[0];

describe("with no network running", () => {
  test("commands use the project's state in their own process, and say so once on stderr", async () => {
    using folder = temporaryFolder();
    await counterProject(folder.path);
    const run = (...argv: readonly string[]): Promise<Ran> => icx(folder.path, [...argv, "--json"]);
    const deployed = await run("deploy");
    expect(deployed, deployed.stdout).toMatchObject({ code: 0, json: { canisters: [{ name: "counter", action: "installed" }] } });
    expect(deployed.stderr.match(/not running/g)).toHaveLength(1);
    expect(value(await run("call", "counter", "increment", "(2)"))).toBe("2");
    const [first, second] = await Promise.all([run("call", "counter", "increment", "(1)"), run("call", "counter", "increment", "(1)")]);
    expect([value(first), value(second)].sort()).toEqual(["3", "4"]);
    expect(value(await run("call", "counter", "get"))).toBe("4");
    expect(await run("canister", "id", "counter")).toMatchObject({ code: 0 });
  });
});
