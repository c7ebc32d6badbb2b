import { mkdirSync } from "node:fs";
import { expect, test } from "vitest";
import { startNetwork } from "../../src/index.ts";
import { networkFolder } from "../../src/network/networkFolder.ts";
import { counterProject, startHere } from "./project.ts";
import { icx, temporaryFolder, type Ran } from "./run.ts";

test("a subnet of a network that began with the older replica version is upgraded by the verb; a second time there is nothing to do", { timeout: 60_000 }, async () => {
  using folder = temporaryFolder();
  await counterProject(folder.path);
  const { state } = networkFolder(folder.path);
  mkdirSync(state, { recursive: true });
  // `icx start` begins with the newest version alone: the state is one that somebody's program made.
  const made = await startNetwork({ stateDir: state, unsigned: true, subnets: [{ type: "application", replicaVersion: "0.0.9" }] }), { id } = made.subnets.find(({ type }) => type === "application")!;
  await made.stop();
  const network = await startHere(folder.path, ["--port", "0"]), run = (...argv: readonly string[]): Promise<Ran> => icx(folder.path, ["subnet", ...argv, "--json"]);
  try {
    expect(await run("info", id)).toMatchObject({ code: 0, json: { id, replicaVersion: "0.0.9" } });
    const done = await run("upgrade", id);
    expect(done).toMatchObject({ code: 0, stderr: "", json: { subnet: id, from: "0.0.9", version: "0.1.0" } });
    expect((done.json as { readonly height: number }).height).toBeGreaterThan(0);
    expect(await run("info", id)).toMatchObject({ code: 0, json: { id, replicaVersion: "0.1.0", health: "healthy" } });
    expect((await icx(folder.path, ["subnet", "info", id])).stdout).toMatch(/^Replica version: 0\.1\.0$/m);
    expect((await icx(folder.path, ["subnet", "upgrade", id.slice(0, 11)])).stdout).toBe(`The subnet ${id.slice(0, 11)} runs the replica version 0.1.0 already.\n`);
  } finally { expect(await network.stop()).toBe(0); }
});
