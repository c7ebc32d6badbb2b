import { HttpAgent } from "@dfinity/agent";
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Network, startNetwork } from "../../src/index.ts";
import { createAndInstall } from "../canisters/install.ts";
import { deployable } from "../cli/deployable.ts";
import { icx } from "../cli/run.ts";

const ICP = resolve("node_modules/@icp-sdk/icp-cli-linux-x64/bin/icp");
const missing = existsSync(ICP) ? undefined : "the icp binary is published for linux-x64 only";

describe.skipIf(missing !== undefined)(`snapshots of icp and of icx${missing === undefined ? "" : ` (skipped: ${missing})`}`, { timeout: 60_000 }, () => {
  let network: Network, url: string, key: string, home: string, canister: string, id: string;
  const icp = async (...argv: readonly string[]): Promise<string> => {
    const env = { PATH: process.env["PATH"] ?? "", HOME: home, ICP_HOME: join(home, ".icp-home"), DO_NOT_TRACK: "1", ICP_TELEMETRY_DISABLED: "1", NO_COLOR: "1" };
    return (await promisify(execFile)(ICP, [...argv, "-n", url, "-k", key, "--identity", "anonymous"], { cwd: home, env })).stdout;
  };
  const ours = async (...argv: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await icx(home, [...argv, "-n", url, "-k", key, "--identity", "anonymous"], {}, false);
    expect(code, `${argv.join(" ")}\n${stdout}${stderr}`).toBe(0);
    return stdout;
  };
  const idIn = (text: string): string => (JSON.parse(text) as { readonly snapshot_id: string }).snapshot_id;
  beforeAll(async () => {
    network = await startNetwork();
    ({ url } = await network.listen({ port: 0 }));
    key = Buffer.from(network.rootKey).toString("hex");
    home = mkdtempSync(join(tmpdir(), "icx-snapshots-"));
    writeFileSync(join(home, "counter.wasm"), await deployable({ padding: 1_000 }));
    canister = (await createAndInstall(HttpAgent.createSync({ host: url, rootKey: network.rootKey }), network.defaultEffectiveCanisterId, Uint8Array.from(readFileSync(join(home, "counter.wasm"))))).toText();
    await ours("call", canister, "increment");
    await ours("canister", "stop", canister);
    id = idIn(await ours("canister", "snapshot", "create", canister, "--json"));
  }, 60_000);
  afterAll(async () => { await network.stop(); rmSync(home, { recursive: true, force: true }); });

  test("the list is the same document", async () => {
    const theirs = JSON.parse(await icp("canister", "snapshot", "list", canister, "--json")) as { readonly snapshots: readonly object[] }, mine = JSON.parse(await ours("canister", "snapshot", "list", canister, "--json")) as typeof theirs;
    expect(mine.snapshots.map((one) => Object.keys(one))).toEqual(theirs.snapshots.map((one) => Object.keys(one)));
  });
  test("the folders are the same, to the byte", async () => {
    await icp("canister", "snapshot", "download", canister, id, "-o", "theirs");
    await ours("canister", "snapshot", "download", canister, id, "-o", "mine");
    const read = (folder: string, file: string): Buffer => readFileSync(join(home, folder, file));
    for (const file of ["wasm_module.bin", "wasm_memory.bin", "stable_memory.bin"]) expect(read("mine", file).equals(read("theirs", file)), file).toBe(true);
    expect(read("mine", "metadata.json").toString().trim()).toBe(read("theirs", "metadata.json").toString().trim());
  });
  test("each uploads what the other saved", async () => {
    const byIcp = idIn(await icp("canister", "snapshot", "upload", canister, "-i", "mine", "--json")), byUs = idIn(await ours("canister", "snapshot", "upload", canister, "-i", "theirs", "--json"));
    for (const snapshot of [byIcp, byUs]) {
      await ours("canister", "start", canister);
      await ours("call", canister, "increment");
      await ours("canister", "stop", canister);
      await (snapshot === byIcp ? ours("canister", "snapshot", "restore", canister, snapshot, "-y") : icp("canister", "snapshot", "restore", canister, snapshot));
      await ours("canister", "start", canister);
      expect(await ours("call", canister, "get")).toBe("(1 : nat8)\n");
      await ours("canister", "stop", canister);
    }
  });
});
