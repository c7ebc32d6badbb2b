import { execFile } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { assemble } from "../canisters/assemble.ts";
import { startHere } from "./project.ts";
import { icx, temporaryFolder, type Ran } from "./run.ts";

/** Accepts at most 700 cycles; replies with what came, what it accepted and who called. `fail` accepts and traps, `poke` is a query. */
const TAKER = `(module
  (import "ic0" "msg_cycles_available" (func $available (result i64))) (import "ic0" "msg_cycles_accept" (func $accept (param i64) (result i64)))
  (import "ic0" "msg_caller_size" (func $size (result i32))) (import "ic0" "msg_caller_copy" (func $copy (param i32 i32 i32)))
  (import "ic0" "msg_reply_data_append" (func $append (param i32 i32))) (import "ic0" "msg_reply" (func $reply)) (import "ic0" "trap" (func $trap (param i32 i32)))
  (memory 1) (data (i32.const 100) "no thanks")
  (func (export "canister_update take")
    (i64.store (i32.const 0) (call $available)) (i64.store (i32.const 8) (call $accept (i64.const 700)))
    (call $copy (i32.const 16) (i32.const 0) (call $size)) (call $append (i32.const 0) (i32.add (i32.const 16) (call $size))) (call $reply))
  (func (export "canister_update fail") (drop (call $accept (i64.const 700))) (call $trap (i32.const 100) (i32.const 9)))
  (func (export "canister_query poke") (call $reply)))`;
const ICP = resolve("node_modules/@icp-sdk/icp-cli-linux-x64/bin/icp");

describe("icx canister call --cycles", { timeout: 60_000 }, () => {
  const folder = temporaryFolder(), run = (...argv: readonly string[]): Promise<Ran> => icx(folder.path, argv);
  let network: Awaited<ReturnType<typeof startHere>> | undefined, id: string;
  const error = (code: string, exit = 1): object => ({ code: exit, json: { error: { code } } });
  /** What came, what was accepted, who called. */
  const taken = (hex: string): readonly [bigint, bigint, string] => { const bytes = Buffer.from(hex.trim(), "hex"); return [bytes.readBigUInt64LE(0), bytes.readBigUInt64LE(8), bytes.subarray(16).toString("hex")]; };
  const take = async (...argv: readonly string[]): Promise<ReturnType<typeof taken>> => { const { code, stdout, stderr } = await run("call", "taker", "take", "()", "-o", "hex", ...argv); expect(code, stderr).toBe(0); return taken(stdout); };
  beforeAll(async () => {
    writeFileSync(join(folder.path, "taker.wasm"), await assemble(TAKER));
    writeFileSync(join(folder.path, "icp.yaml"), "canisters:\n  - name: taker\n    build: { steps: [{ type: pre-built, path: taker.wasm }] }\n");
    network = await startHere(folder.path, ["--port", "0"]);
    expect(await run("deploy")).toMatchObject({ code: 0 });
    id = (await run("canister", "id", "taker")).stdout.trim();
  }, 60_000);
  afterAll(async () => { await network?.stop(); folder[Symbol.dispose](); });
  const caller = "80000000001fffff0101"; // the last canister id of the subnet

  test("arrive with a call of the network's proxy canister; the rest goes back to it", async () => {
    expect((await take())[0]).toBe(0n);
    expect(await take("--cycles", "500")).toEqual([500n, 500n, caller]);
    expect(await take("--with-cycles", "2_000")).toEqual([2_000n, 700n, caller]);
    expect(await take("--cycles", "300t")).toEqual([300_000_000_000_000n, 700n, caller]); // more than it was made with
    expect(await take("--cycles", "0")).toEqual([0n, 0n, caller]);
  });
  test("a call that traps is an error, and nothing was accepted", async () => {
    const failed = await icx(folder.path, ["call", "taker", "fail", "()", "--cycles", "1000", "--json"]);
    expect(failed).toMatchObject(error("ICX6016"));
    expect(failed.stdout).toContain("no thanks");
    expect(await icx(folder.path, ["call", "aaaaa-aa", "no_such_method", "()", "--cycles", "1", "--json"])).toMatchObject({ code: 1 });
  });
  test("with a receipt: the proxy's part and the canister's", async () => {
    const { json } = await icx(folder.path, ["call", "taker", "take", "()", "--cycles", "1000", "--receipt", "--json"]);
    expect((json as { readonly receipt: unknown }).receipt).toMatchObject({ root: { method: "proxy", accepted: "0", calls: [{ canister: id, method: "take", attached: "1000", accepted: "700" }] } });
  });
  test.each([
    ["a query", ["taker", "poke", "()", "--query", "--cycles", "1"], "ICX5001", 2], ["somebody else's name", ["taker", "take", "()", "--as", "aaaaa-aa", "--cycles", "1"], "ICX5001", 2], ["no amount", ["taker", "take", "()", "--cycles", "many"], "ICX5001", 2],
    ["another network, before anything is sent", ["rrkah-fqaaa-aaaaa-aaaaq-cai", "take", "()", "--cycles", "1", "-n", "http://127.0.0.1:1", "-k", "00".repeat(133)], "ICX2017", 2],
  ])("refused: %s", async (_, argv, code, exit) => expect(await icx(folder.path, ["call", ...argv, "--json"])).toMatchObject(error(code, exit)));
  test.skipIf(!existsSync(ICP))("the real icp's --proxy and ours speak to the same canister", async () => {
    const { url, rootKey } = JSON.parse(readFileSync(join(folder.path, ".icx/network/network.json"), "utf8")) as { readonly url: string; readonly rootKey: string };
    const there = ["-n", url, "-k", rootKey], own = JSON.parse((await run("call", "taker", "take", "()", "--cycles", "1", "--receipt", "--json")).stdout) as { readonly receipt: { readonly root: { readonly canister: string } } };
    const known = own.receipt.root.canister, env = { PATH: process.env["PATH"] ?? "", HOME: folder.path, ICP_HOME: join(folder.path, ".icp-home"), DO_NOT_TRACK: "1", ICP_TELEMETRY_DISABLED: "1", NO_COLOR: "1" };
    const theirs = await promisify(execFile)(ICP, ["canister", "call", id, "take", "()", "-o", "hex", "--proxy", known, "--cycles", "900", ...there, "--identity", "anonymous"], { cwd: folder.path, env });
    expect(taken(theirs.stdout)).toEqual([900n, 700n, caller]);
    const mine = await run("call", id, "take", "()", "-o", "hex", "--proxy", known, "--cycles", "800", ...there); // a proxy that is named is asked on any network
    expect(taken(mine.stdout)).toEqual([800n, 700n, caller]);
    expect(await icx(folder.path, ["call", "taker", "take", "()", "--proxy", "taker", "--cycles", "800", "--json"])).toMatchObject(error("ICX6001")); // it is none
  });
  test("with no network running, after a replay", async () => {
    await network!.stop();
    network = undefined;
    expect(await take("--cycles", "600")).toEqual([600n, 600n, caller]);
  });
});
