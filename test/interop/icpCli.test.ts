import { HttpAgent } from "@dfinity/agent";
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Network, startNetwork } from "../../src/index.ts";
import { COUNTER_CANDID, counterModule } from "../canisters/assemble.ts";
import { createAndInstall } from "../canisters/install.ts";

const ICP = resolve("node_modules/@icp-sdk/icp-cli-linux-x64/bin/icp");
/** The package holds a program for one platform; npm leaves it out elsewhere. */
const missing = existsSync(ICP) ? undefined : "the icp binary is published for linux-x64 only";

describe.skipIf(missing !== undefined)(`the real icp binary${missing === undefined ? "" : ` (skipped: ${missing})`}`, () => {
  let network: Network, url: string, canister: string, home: string;
  beforeAll(async () => {
    network = await startNetwork();
    ({ url } = await network.listen({ port: 0 }));
    const agent = HttpAgent.createSync({ host: url, rootKey: network.rootKey });
    canister = (await createAndInstall(agent, network.defaultEffectiveCanisterId, await counterModule())).toText();
    home = mkdtempSync(join(tmpdir(), "icx-icp-"));
    writeFileSync(join(home, "icp.yaml"), `networks:\n  - name: mine\n    mode: connected\n    url: ${url}\n    root-key: ${Buffer.from(network.rootKey).toString("hex")}\n`);
  });
  afterAll(async () => { await network.stop(); rmSync(home, { recursive: true, force: true }); });

  const icp = async (...args: readonly string[]): Promise<string> => {
    const env = { PATH: process.env["PATH"] ?? "", HOME: home, ICP_HOME: join(home, ".icp-home"), DO_NOT_TRACK: "1", ICP_TELEMETRY_DISABLED: "1", NO_COLOR: "1" };
    return (await promisify(execFile)(ICP, [...args], { cwd: home, env })).stdout.trim();
  };
  const there = (): readonly string[] => ["-n", url, "-k", "fetch"];

  test("network ping", async () => expect(await icp("network", "ping", "mine")).toMatch(/healthy/));
  test("canister call, update and query", async () => {
    expect(await icp("canister", "call", canister, "increment", "(5)", ...there())).toBe("(5 : nat)");
    expect(await icp("canister", "call", canister, "get", "()", "--query", ...there())).toBe("(5 : nat)");
  });
  test("canister metadata", async () => expect(await icp("canister", "metadata", canister, "candid:service", ...there())).toBe(COUNTER_CANDID));
  test("canister status", async () => {
    const status = await icp("canister", "status", canister, ...there());
    expect(status).toContain(`Canister Id: ${canister}`);
    expect(status).toMatch(/Status: Running[\s\S]*Module hash: 0x[0-9a-f]{64}[\s\S]*Cycles: [\d_]+/);
  });
});
