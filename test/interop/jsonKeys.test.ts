import { HttpAgent } from "@dfinity/agent";
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Network, startNetwork } from "../../src/index.ts";
import { assemble, withCustomSection } from "../canisters/assemble.ts";
import { createAndInstall } from "../canisters/install.ts";
import { icx } from "../cli/run.ts";
import { environment } from "../cli/surrounding.ts";

const ICP = resolve("node_modules/@icp-sdk/icp-cli-linux-x64/bin/icp");
const missing = existsSync(ICP) ? undefined : "the icp binary is published for linux-x64 only";
/** Prints and replies with nothing. */
const SPEAKER = `(module
  (import "ic0" "debug_print" (func $print (param i32 i32))) (import "ic0" "msg_reply_data_append" (func $append (param i32 i32))) (import "ic0" "msg_reply" (func $reply))
  (memory 1) (data (i32.const 0) "DIDL\\00\\00hello")
  (func $speak (call $print (i32.const 6) (i32.const 5)) (call $append (i32.const 0) (i32.const 6)) (call $reply))
  (export "canister_update speak" (func $speak)))`;

/** Every path of keys in a document; the elements of a list count together. */
function paths(value: unknown, at = ""): readonly string[] {
  if (Array.isArray(value)) return [...new Set(value.flatMap((item) => paths(item, `${at}[]`)))];
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, part]) => [`${at}.${key}`, ...paths(part, `${at}.${key}`)]);
}
/** A number as icp groups it for people is the same number. */
const plain = (value: unknown): unknown => (typeof value === "string" && /^\d[\d_]*$/.test(value) ? value.replaceAll("_", "") : value);

describe.skipIf(missing !== undefined)(`what programs read of icp they read of icx${missing === undefined ? "" : ` (skipped: ${missing})`}`, { timeout: 60_000 }, () => {
  let network: Network, home: string, id: string;
  const THERE = ["-e", "stage", "--identity", "anonymous"];
  const icp = async (...args: readonly string[]): Promise<string> => {
    const env = { PATH: process.env["PATH"] ?? "", HOME: home, ICP_HOME: join(home, ".icp-home"), DO_NOT_TRACK: "1", ICP_TELEMETRY_DISABLED: "1", NO_COLOR: "1" };
    return (await promisify(execFile)(ICP, [...args], { cwd: home, env })).stdout;
  };
  const ours = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await icx(home, args, { env: environment(home) }, false);
    expect(code, `${args.join(" ")}\n${stdout}${stderr}`).toBe(0);
    return stdout;
  };
  beforeAll(async () => {
    network = await startNetwork();
    const { url } = await network.listen({ port: 0 });
    home = mkdtempSync(join(tmpdir(), "icx-keys-"));
    const module = withCustomSection(await assemble(SPEAKER), "icp:public candid:service", Buffer.from("service : { speak : () -> () }"));
    writeFileSync(join(home, "speaker.wasm"), module);
    writeFileSync(join(home, "icp.yaml"), `canisters:\n  - name: speaker\n    build: { steps: [{ type: pre-built, path: speaker.wasm }] }\n`
      + `networks:\n  - { name: mine, mode: connected, url: "${url}", root-key: "${Buffer.from(network.rootKey).toString("hex")}" }\nenvironments:\n  - { name: stage, network: mine, canisters: [speaker] }\n`);
    id = (await createAndInstall(HttpAgent.createSync({ host: url, rootKey: network.rootKey }), network.defaultEffectiveCanisterId, Uint8Array.from(readFileSync(join(home, "speaker.wasm"))))).toText();
    await icp("canister", "link", "speaker", id, "-e", "stage");
    await ours("canister", "link", "speaker", id, ...THERE);
    await ours("canister", "call", "speaker", "speak", "()", ...THERE);
    await ours("canister", "settings", "update", "speaker", "--add-environment-variable", "A=1", "--set-log-viewer", "aaaaa-aa", ...THERE);
  }, 60_000);
  afterAll(async () => { await network.stop(); rmSync(home, { recursive: true, force: true }); });

  test.each([
    ["canister call", ["canister", "call", "speaker", "speak", "()", ...THERE], ["response_bytes", "response_candid"]],
    ["canister call, as hex", ["canister", "call", "speaker", "speak", "()", "-o", "hex", ...THERE], ["response_bytes", "response_candid", "response_text"]],
    ["canister status", ["canister", "status", "speaker", ...THERE], ["id", "name", "status", "module_hash", "memory_size"]],
    ["canister status of somebody else", ["canister", "status", "speaker", "-p", ...THERE], ["id", "name", "controllers", "module_hash"]],
    ["canister settings show", ["canister", "settings", "show", "speaker", ...THERE], ["controllers", "log_visibility", "snapshot_visibility", "environment_variables"]],
    ["canister metadata", ["canister", "metadata", "speaker", "candid:service", ...THERE], ["value"]],
    ["canister logs", ["canister", "logs", "speaker", ...THERE], []],
    ["canister list", ["canister", "list", "-e", "stage"], ["canisters"]],
    ["network status", ["network", "status", "mine"], ["managed", "root_key", "root_key_source"]],
    ["network status of an environment", ["network", "status", "-e", "stage"], ["managed", "root_key", "root_key_source"]],
    ["deploy", ["deploy", "speaker", "--no-create", ...THERE], []],
    ["identity list", ["identity", "list"], []],
    ["identity new", ["identity", "new", "alice", "--storage", "plaintext"], []],
  ] as const)("%s --json", async (_, argv, same) => {
    const theirs = JSON.parse(await icp(...argv, "--json")) as Readonly<Record<string, unknown>>, mine = JSON.parse(await ours(...argv, "--json")) as Readonly<Record<string, unknown>>;
    const wanted = paths(theirs), known = paths(mine);
    expect(wanted.length).toBeGreaterThan(0);
    expect(wanted.filter((path) => !known.includes(path)), JSON.stringify(mine)).toEqual([]);
    for (const key of same) expect(plain(mine[key]), key).toEqual(plain(theirs[key]));
  });
  test.each([
    ["network list", ["network", "list"]], ["environment list", ["environment", "list"]], ["canister status -i", ["canister", "status", "speaker", "-i", ...THERE]], ["canister metadata", ["canister", "metadata", "speaker", "candid:service", ...THERE]],
    ["canister settings show", ["canister", "settings", "show", "speaker", ...THERE]], ["identity principal", ["identity", "principal", "--identity", "anonymous"]],
  ] as const)("%s prints the same", async (_, argv) => {
    const lines = (text: string): readonly string[] => (argv[1] === "list" ? text.trim().split("\n").sort() : text.trim().split("\n")); // icp lists in no order
    expect(lines(await ours(...argv))).toEqual(lines(await icp(...argv)));
  });
  test("canister snapshot create and list --json", async () => {
    const parsed = (text: string): unknown => JSON.parse(text) as unknown;
    await ours("canister", "stop", "speaker", ...THERE);
    const made = [parsed(await icp("canister", "snapshot", "create", "speaker", "--json", ...THERE)), parsed(await ours("canister", "snapshot", "create", "speaker", "--json", ...THERE))].map((document) => paths(document));
    expect(made[0]!.filter((path) => !made[1]!.includes(path))).toEqual([]);
    const listed = [parsed(await icp("canister", "snapshot", "list", "speaker", "--json", ...THERE)), parsed(await ours("canister", "snapshot", "list", "speaker", "--json", ...THERE))].map((document) => paths(document));
    expect(listed[0]!.length).toBeGreaterThan(0);
    expect(listed[0]!.filter((path) => !listed[1]!.includes(path))).toEqual([]);
  });
  test("canister logs prints the same lines", async () => {
    const argv = ["canister", "logs", "speaker", ...THERE], lines = (await ours(...argv)).trim();
    expect(lines).toMatch(/^\[\d+\. \S+Z\]: hello$/m);
    expect((await icp(...argv)).trim()).toBe(lines);
  });
  test("a seed phrase is the same key in both", async () => {
    const theirs = JSON.parse(await icp("identity", "new", "dora", "--storage", "plaintext", "--json")) as { readonly seed_phrase: string }, mine = JSON.parse(await ours("identity", "new", "erna", "--json")) as { readonly seed_phrase: string; readonly principal: string };
    writeFileSync(join(home, "dora.txt"), theirs.seed_phrase);
    writeFileSync(join(home, "erna.txt"), `${mine.seed_phrase}\n`);
    await ours("identity", "import", "dora", "--from-seed-file", "dora.txt");
    await icp("identity", "import", "erna", "--from-seed-file", "erna.txt", "--storage", "plaintext");
    expect((await ours("identity", "principal", "--identity", "dora")).trim()).toBe((await icp("identity", "principal", "--identity", "dora")).trim());
    expect((await icp("identity", "principal", "--identity", "erna")).trim()).toBe(mine.principal);
  });
  test("a key of icp is ours after an import, encrypted or not, and ours is icp's", async () => {
    await icp("identity", "new", "bob", "--storage", "plaintext");
    writeFileSync(join(home, "bob.pem"), await icp("identity", "export", "bob"));
    writeFileSync(join(home, "password"), "correct horse");
    writeFileSync(join(home, "bob-encrypted.pem"), await icp("identity", "export", "bob", "--encrypt", "--encryption-password-file", "password"));
    await ours("identity", "import", "bob", "--from-pem", "bob.pem");
    await ours("identity", "import", "bobby", "--from-pem", "bob-encrypted.pem", "--decryption-password-from-file", "password");
    const principal = (await icp("identity", "principal", "--identity", "bob")).trim();
    for (const name of ["bob", "bobby"]) expect((await ours("identity", "principal", "--identity", name)).trim()).toBe(principal);
    await ours("identity", "new", "carol");
    writeFileSync(join(home, "carol.pem"), await ours("identity", "export", "carol"));
    writeFileSync(join(home, "carol-encrypted.pem"), await ours("identity", "export", "carol", "--encryption-password-file", "password"));
    await icp("identity", "import", "carol", "--from-pem", "carol.pem", "--storage", "plaintext");
    await icp("identity", "import", "caroline", "--from-pem", "carol-encrypted.pem", "--decryption-password-from-file", "password", "--storage", "plaintext");
    for (const name of ["carol", "caroline"]) expect((await icp("identity", "principal", "--identity", name)).trim()).toBe((await ours("identity", "principal", "--identity", "carol")).trim());
  });
});
