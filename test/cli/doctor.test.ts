import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { STATE_FORMAT } from "../../src/network/stateFormat.ts";
import { CHECKS } from "../../src/operations/examine.ts";
import { counterProject, startHere } from "./project.ts";
import { icx, temporaryFolder } from "./run.ts";
import { environment, keysOf } from "./surrounding.ts";

interface Found { readonly name: string; readonly state: "ok" | "absent" | "failed"; readonly detail: string; readonly remedy?: string }
async function doctor(folder: string, env: Readonly<Record<string, string | undefined>> = {}): Promise<{ readonly code: number; readonly healthy: boolean; readonly at: (name: string) => Found }> {
  const { code, json } = await icx(folder, ["doctor", "--json"], { env: environment(folder, env) });
  const { healthy, checks } = json as { readonly healthy: boolean; readonly checks: readonly Found[] };
  expect(checks.map(({ name }) => name)).toEqual(CHECKS.map(({ name }) => name));
  expect(code).toBe(checks.some(({ state }) => state === "failed") ? 1 : 0);
  for (const { state, detail, remedy } of checks) { expect(detail).not.toBe(""); if (state === "failed") expect(remedy).toMatch(/\S/); }
  return { code, healthy, at: (name) => checks.find((check) => check.name === name)! };
}

describe("icx doctor", { timeout: 30_000 }, () => {
  test("outside a project, with no tool on the PATH: nothing is wrong", async () => {
    using folder = temporaryFolder();
    const { code, healthy, at } = await doctor(folder.path, { PATH: folder.path });
    expect({ code, healthy }).toEqual({ code: 0, healthy: true });
    expect(at("Node")).toMatchObject({ state: "ok", detail: expect.stringContaining(process.version) as unknown });
    expect(at("moc")).toMatchObject({ state: "ok", detail: expect.stringContaining("comes with icx") as unknown });
    for (const name of ["project", "mops", "cargo", "wasm target", "state"]) expect(at(name)).toMatchObject({ state: "absent" });
    expect(at("disk").detail).toMatch(/\d+ (MiB|GiB) free/);
  });
  test("with the project's network running, and after it: its port, lock and state; nothing is changed", async () => {
    using folder = temporaryFolder();
    await counterProject(folder.path);
    const network = await startHere(folder.path, ["--port", "0"]), { url } = network.events.find(({ event }) => event === "started") as { readonly url: string };
    const running = await doctor(folder.path);
    expect(running.at("project")).toMatchObject({ state: "ok", detail: expect.stringContaining("1 canister") as unknown });
    expect(running.at("port")).toMatchObject({ state: "ok", detail: `${new URL(url).port}: this project's network` });
    expect(running.at("lock")).toMatchObject({ state: "ok", detail: `this project's network (pid ${process.pid})` });
    await network.stop();
    const stopped = await doctor(folder.path);
    expect(stopped.at("lock")).toMatchObject({ state: "ok", detail: "free" });
    expect(stopped.at("state")).toMatchObject({ state: "ok", detail: `format ${STATE_FORMAT}, begun by icx ${(JSON.parse(readFileSync("package.json", "utf8")) as { readonly version: string }).version}` }); // what the replica writes is what we say we read
  });
  test("each failure has its remedy, and one is enough for exit code 1", async () => {
    using folder = temporaryFolder();
    await counterProject(folder.path);
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo, manifest = readFileSync(join(folder.path, "icp.yaml"), "utf8");
    try {
      writeFileSync(join(folder.path, "icp.yaml"), `${manifest}networks:\n  - name: local\n    mode: managed\n    gateway: { port: ${port} }\n`);
      mkdirSync(join(folder.path, ".icx", "network", "state", "subnets", "root"), { recursive: true });
      writeFileSync(join(folder.path, ".icx", "network", "state", "subnets", "root", "format.json"), JSON.stringify({ format: STATE_FORMAT + 1, icx: "9.0.0" }));
      mkdirSync(join(keysOf(folder.path), "identity"), { recursive: true });
      writeFileSync(join(keysOf(folder.path), "identity", "default.pem"), "broken");
      const { code, healthy, at } = await doctor(folder.path, { ICX_MOC: "icp.yaml" });
      expect({ code, healthy }).toEqual({ code: 1, healthy: false });
      expect(at("port")).toMatchObject({ state: "failed", detail: expect.stringContaining(String(port)) as unknown });
      expect(at("state")).toMatchObject({ state: "failed", detail: expect.stringContaining("9.0.0") as unknown, remedy: expect.stringContaining("Update icx") as unknown });
      expect(at("identity")).toMatchObject({ state: "failed" });
      expect(at("moc")).toMatchObject({ state: "failed", detail: expect.stringContaining("ICX_MOC") as unknown });
    } finally { server.close(); }
  });
  test("a manifest that cannot be read is one failure among the checks", async () => {
    using folder = temporaryFolder();
    writeFileSync(join(folder.path, "icp.yaml"), "canisters: 7\n");
    expect((await doctor(folder.path)).at("project")).toMatchObject({ state: "failed", detail: expect.stringContaining("icp.yaml") as unknown });
    const { code, stdout, stderr } = await icx(folder.path, ["doctor"]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    expect(stdout).toMatch(/^FAILED {2}project +ICX1003 .*\n {8}\S/m);
  });
});
