import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { assemble, withCustomSection } from "../canisters/assemble.ts";
import { counterProject, startHere } from "./project.ts";
import { icx, temporaryFolder, type Ran } from "./run.ts";

/** Prints its argument and replies with nothing. */
const PRINTER = `(module
  (import "ic0" "msg_arg_data_size" (func $size (result i32)))
  (import "ic0" "msg_arg_data_copy" (func $copy (param i32 i32 i32)))
  (import "ic0" "debug_print" (func $print (param i32 i32)))
  (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
  (import "ic0" "msg_reply" (func $reply))
  (memory 1)
  (data (i32.const 60000) "DIDL\\00\\00")
  (func $speak (call $copy (i32.const 0) (i32.const 0) (call $size)) (call $print (i32.const 0) (call $size)) (call $append (i32.const 60000) (i32.const 6)) (call $reply))
  (export "canister_update speak" (func $speak)))`;
const NOBODY = "2vxsx-fae";

describe("verbs of canisters", { timeout: 60_000 }, () => {
  const folder = temporaryFolder(), run = (...argv: readonly string[]): Promise<Ran> => icx(folder.path, [...argv, "--json"]), words = (...argv: readonly string[]): Promise<Ran> => icx(folder.path, argv);
  const settings = async (name = "counter"): Promise<Readonly<Record<string, unknown>>> => (await run("canister", "settings", "show", name)).json as Readonly<Record<string, unknown>>;
  const error = (code: string, exit = 1): object => ({ code: exit, json: { error: { code } } });
  let network: Awaited<ReturnType<typeof startHere>>, me: string;
  beforeAll(async () => {
    await counterProject(folder.path);
    const printer = withCustomSection(withCustomSection(await assemble(PRINTER), "icp:public motto", Buffer.from("léger")), "icp:public raw", Buffer.from([0xff, 0x00]));
    writeFileSync(join(folder.path, "printer.wasm"), printer);
    writeFileSync(join(folder.path, "icp.yaml"), `${readFileSync(join(folder.path, "icp.yaml"), "utf8")}  - name: printer\n    build: { steps: [{ type: pre-built, path: printer.wasm }] }\n    settings: { freezing_threshold: 7d }\n`);
    network = await startHere(folder.path, ["--port", "0"]);
    me = (await words("identity", "principal")).stdout.trim();
  }, 60_000);
  afterAll(async () => { await network.stop(); folder[Symbol.dispose](); });

  test("create: with the settings of manifest and command line; once; one of no project", async () => {
    const made = await run("canister", "create", "printer", "--cycles", "20t", "--compute-allocation", "1", "--controller", NOBODY);
    expect(made).toMatchObject({ code: 0, json: { canister_name: "printer", canister_id: expect.any(String) as unknown, created: true } });
    expect(await settings("printer")).toMatchObject({ freezing_threshold: "604800", compute_allocation: "1", controllers: expect.arrayContaining([NOBODY, me]) as unknown });
    expect(await run("canister", "create", "printer")).toMatchObject({ code: 0, json: { created: false, canister_id: (made.json as { readonly canister_id: string }).canister_id } });
    expect((await words("canister", "create", "--detached", "--quiet")).stdout).toMatch(/^[a-z0-9-]{27}\n$/);
    expect(await run("canister", "create", "--all")).toMatchObject({ code: 0, json: { canisters: [{ canister_name: "counter", created: true }, { canister_name: "printer", created: false }] } });
    expect(await run("canister", "create")).toMatchObject(error("ICX5001", 2));
    expect(await run("canister", "create", "conter")).toMatchObject(error("ICX1002"));
  });
  test("install: empty, upgrade, reinstall with consent; another file; what does not fit is refused", async () => {
    expect(await run("canister", "install", "counter", "--mode", "upgrade")).toMatchObject(error("ICX6010"));
    expect(await run("canister", "install", "counter")).toMatchObject({ code: 0, json: { mode: "install" } });
    expect(await words("call", "counter", "increment", "(4)")).toMatchObject({ stdout: "(4 : nat)\n" });
    expect(await run("canister", "install", "counter", "--mode", "install")).toMatchObject(error("ICX6009"));
    expect(await run("canister", "install", "counter", "--mode", "reinstall")).toMatchObject(error("ICX5009", 2));
    expect(await words("call", "counter", "get")).toMatchObject({ stdout: "(4 : nat)\n" });
    expect(await run("canister", "install", "counter", "--mode", "reinstall", "-y", "--wasm", "counter.wasm")).toMatchObject({ code: 0, json: { mode: "reinstall" } });
    expect(await words("call", "counter", "get")).toMatchObject({ stdout: "(0 : nat)\n" });
    expect(await run("canister", "install", "printer")).toMatchObject({ code: 0 });
    expect(await run("canister", "install", "counter", "--wasm", "nothing.wasm")).toMatchObject(error("ICX1010"));
    expect(await run("canister", "install", "counter", "--wasm", "icp.yaml")).toMatchObject(error("ICX6002"));
  });
  test("settings: numbers with suffixes, lists, variables; only what is named changes", async () => {
    const change = (...argv: readonly string[]): Promise<Ran> => run("canister", "settings", "update", "counter", ...argv);
    expect(await change("--freezing-threshold", "90d", "--memory-allocation", "2.5mib", "--reserved-cycles-limit", "1.5t", "--wasm-memory-limit", "1gib", "--wasm-memory-threshold", "10kb", "--log-memory-limit", "8kib")).toMatchObject({ code: 0 });
    expect(await settings()).toMatchObject({ freezing_threshold: "7776000", memory_allocation: "2621440", reserved_cycles_limit: "1500000000000", wasm_memory_limit: "1073741824", wasm_memory_threshold: "10000", log_memory_limit: "8192", controllers: [me] });
    expect(await change("--add-controller", "anonymous", "--add-environment-variable", "A=1", "--add-environment-variable", "B=x=y")).toMatchObject({ code: 0, json: { changed: ["controllers", "environment_variables"] } });
    expect(await settings()).toMatchObject({ controllers: expect.arrayContaining([NOBODY, me]) as unknown, environment_variables: [{ name: "A", value: "1" }, { name: "B", value: "x=y" }], freezing_threshold: "7776000" });
    expect(await change("--remove-controller", NOBODY, "--remove-environment-variable", "A")).toMatchObject({ code: 0 });
    expect(await settings()).toMatchObject({ controllers: [me], environment_variables: [{ name: "B", value: "x=y" }] });
    expect(await change("--set-log-viewer", NOBODY)).toMatchObject({ code: 0 });
    expect(await settings()).toMatchObject({ log_visibility: { allowed_viewers: [NOBODY] }, snapshot_visibility: "controllers" });
    expect(await change("--log-visibility", "public")).toMatchObject({ code: 0 });
    expect(await change("--add-log-viewer", NOBODY)).toMatchObject(error("ICX5001", 2)); // a public log has no list
    expect(await icx(folder.path, ["canister", "update-settings", "counter", "--log-visibility", "controllers"])).toMatchObject({ code: 0 });
  });
  test("settings sync: the manifest's come back, and nothing is done twice", async () => {
    expect(await run("canister", "settings", "update", "printer", "--freezing-threshold", "1d")).toMatchObject({ code: 0 });
    await run("canister", "settings", "sync", "printer");
    expect(await settings("printer")).toMatchObject({ freezing_threshold: "604800" });
    expect(await run("canister", "settings", "sync", "printer")).toMatchObject({ code: 0, json: { changed: [] } });
    expect(await run("canister", "settings", "sync", "unknown")).toMatchObject(error("ICX1002"));
  });
  test("settings: giving up control needs consent, and what cannot be understood changes nothing", async () => {
    const before = await settings(), change = (...argv: readonly string[]): Promise<Ran> => run("canister", "settings", "update", "counter", ...argv);
    expect(await change("--remove-controller", me)).toMatchObject(error("ICX5009", 2));
    expect(await change("--remove-all-controllers")).toMatchObject(error("ICX5009", 2));
    expect(await change()).toMatchObject(error("ICX5001", 2));
    expect(await change("--add-environment-variable", "novalue")).toMatchObject(error("ICX5001", 2));
    expect(await change("--add-controller", "nobody-i-know")).toMatchObject(error("ICX3002"));
    for (const [option, value] of [["--compute-allocation", "101"], ["--memory-allocation", "1tb"], ["--freezing-threshold", "soon"], ["--reserved-cycles-limit", "1.0000000000001t"]] as const) expect(await change(option, value)).toMatchObject(error("ICX5001", 2));
    expect(await settings()).toEqual(before);
    expect(await change("--remove-all-controllers", "--add-controller", me)).toMatchObject({ code: 0 });
  });
  test("logs: all, the last, since, by index; text, or bytes where it is none", async () => {
    for (const text of ["one", "zwei ü", "\u0007bell"]) expect(await words("call", "printer", "speak", "--args-format", "hex", Buffer.from(text).toString("hex"))).toMatchObject({ code: 0 });
    const all = (await run("canister", "logs", "printer")).json as { readonly log_records: readonly { readonly index: string; readonly timestamp: string; readonly content: string }[] };
    expect(all.log_records.map(({ content }) => content)).toEqual(["one", "zwei ü", `(bytes) 0x${Buffer.from("\u0007bell").toString("hex")}`]);
    const [, second, third] = all.log_records, contents = async (...argv: readonly string[]): Promise<readonly string[]> => ((await run("canister", "logs", "printer", ...argv)).json as typeof all).log_records.map(({ index }) => index);
    expect(await contents("--tail", "1")).toEqual([third!.index]);
    expect(await contents("--since", second!.timestamp)).toEqual([second!.index, third!.index]);
    expect(await contents("--since", "1h", "--until", second!.timestamp)).toEqual([all.log_records[0]!.index]);
    expect(await contents("--since-index", second!.index, "--until-index", third!.index)).toEqual([second!.index]);
    expect(await contents("--since", "2099-01-01T00:00:00Z")).toEqual([]);
    expect((await words("canister", "logs", "printer", "--tail", "2")).stdout.split("\n")[0]).toMatch(/^\[\d+\. \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z\]: zwei ü$/);
    expect(await run("canister", "logs", "printer", "--since", "yesterday")).toMatchObject(error("ICX5001", 2));
    expect(await run("canister", "logs", "printer", "--since", "1h", "--since-index", "1")).toMatchObject(error("ICX5001", 2));
  });
  test("logs --follow: one record a line as they come, until the interrupt", async () => {
    const interrupt = new AbortController(), lines: string[] = [];
    let told = (): void => undefined;
    const stdout = { write: (text: string) => { lines.push(...text.trim().split("\n")); told(); } }, seen = async (count: number): Promise<void> => { while (lines.length < count) await Promise.race([new Promise<void>((done) => { told = done; }), ended]); };
    const ended: Promise<void> = Promise.resolve().then(() => following).then(({ code }) => { if (!interrupt.signal.aborted) expect.unreachable(`it ended with ${code}: ${lines.join("\n")}`); });
    const following = icx(folder.path, ["canister", "logs", "printer", "--follow", "--tail", "1", "--interval", "1", "--json"], { stdout, interrupted: interrupt.signal }, false);
    await seen(1);
    await words("call", "printer", "speak", "--args-format", "hex", Buffer.from("later").toString("hex"));
    await seen(2);
    interrupt.abort();
    expect(await following).toMatchObject({ code: 130 });
    expect(lines.map((line) => (JSON.parse(line) as { readonly content: string }).content.slice(0, 5))).toEqual(["(byte", "later"]);
  }, 60_000);
  test("metadata: text as it is, bytes in hex, none with a remedy", async () => {
    expect(await words("canister", "metadata", "printer", "motto")).toMatchObject({ code: 0, stdout: "léger\n" });
    expect(await run("canister", "metadata", "printer", "raw")).toMatchObject({ code: 0, json: { value: "ff00" } });
    expect(await run("canister", "metadata", "printer", "candid:service")).toMatchObject(error("ICX6014"));
    expect(await run("canister", "metadata", "rrkah-fqaaa-aaaaa-aaaaq-cai", "motto")).toMatchObject({ code: 1 });
  });
  test("top-up, and as dfx says it", async () => {
    const cycles = async (): Promise<bigint> => BigInt(((await run("canister", "status", "counter")).json as { readonly cycles: string }).cycles), before = await cycles();
    expect(await run("canister", "top-up", "counter", "--amount", "2t")).toMatchObject({ code: 0, json: { amount: "2000000000000" } });
    expect(await run("canister", "deposit-cycles", "500b", "counter")).toMatchObject({ code: 0 });
    expect(await cycles() - before).toBeGreaterThan(2_400_000_000_000n);
    expect(await run("canister", "top-up", "counter")).toMatchObject(error("ICX5001", 2));
  });
  test("stop and start: one or all", async () => {
    expect(await run("canister", "stop", "--all")).toMatchObject({ code: 0, json: { canisters: [{ canister: "counter", status: "Stopped" }, { canister: "printer", status: "Stopped" }] } });
    expect(await run("canister", "status")).toMatchObject({ json: { canisters: [{ name: "counter", status: "Stopped" }, { name: "printer", status: "Stopped" }] } });
    expect(await run("canister", "start", "counter")).toMatchObject({ code: 0, json: { canister: "counter", status: "Running" } });
    expect(await run("canister", "start")).toMatchObject(error("ICX5001", 2));
  });
  test("link: an id that exists, once, or with --force", async () => {
    const other = (await words("canister", "create", "--detached", "--quiet")).stdout.trim(), own = (await words("canister", "id", "printer")).stdout.trim();
    expect(await run("canister", "link", "printer", other)).toMatchObject(error("ICX6013"));
    expect(await run("canister", "link", "printer", own)).toMatchObject({ code: 0 });
    expect(await run("canister", "link", "printer", other, "--force")).toMatchObject({ code: 0, json: { id: other } });
    expect(await words("canister", "id", "printer")).toMatchObject({ stdout: `${other}\n` });
    expect(await run("canister", "set-id", "printer", own, "--force")).toMatchObject({ code: 0 });
    expect(await run("canister", "link", "unknown", own)).toMatchObject(error("ICX1002"));
    expect(await run("canister", "link", "printer", "no principal")).toMatchObject(error("ICX5008", 2));
  });
  test("uninstall-code and delete: only with consent; a deleted one is forgotten", async () => {
    expect(await run("canister", "uninstall-code", "counter")).toMatchObject(error("ICX5009", 2));
    expect(await run("canister", "uninstall-code", "counter", "-y")).toMatchObject({ code: 0 });
    expect(await run("canister", "status", "counter")).toMatchObject({ json: { module_hash: null } });
    expect(await run("canister", "delete", "counter")).toMatchObject(error("ICX5009", 2));
    expect(await run("canister", "delete", "--all", "-y")).toMatchObject({ code: 0, json: { canisters: [{ canister: "counter", deleted: true }, { canister: "printer", deleted: true }] } });
    expect(await run("canister", "list")).toMatchObject({ json: { canisters: ["counter", "printer"], ids: { counter: null, printer: null } } });
    expect(await run("canister", "status", "counter")).toMatchObject(error("ICX1007"));
  });
});
