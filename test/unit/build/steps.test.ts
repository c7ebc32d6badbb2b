import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { download } from "../../../src/build/download.ts";
import { posixShell, runShell } from "../../../src/build/runShell.ts";
import type { ProgressEvent } from "../../../src/context/events.ts";
import { counterModule } from "../../canisters/assemble.ts";
import { icx, temporaryFolder, type Ran } from "../../cli/run.ts";

const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());
const env = { PATH: process.env["PATH"] };

describe.skipIf(process.platform === "win32")("a shell command", () => {
  const run = (command: string, more: Partial<Parameters<typeof runShell>[0]> = {}): { readonly events: ProgressEvent[]; readonly ended: Promise<string> } => {
    const events: ProgressEvent[] = [];
    return { events, ended: runShell({ command, cwd: folder.path, env, name: "a", report: (event) => events.push(event), ...more }) };
  };
  test("gives its stdout and tells each line as it comes, whichever line ends it uses", async () => {
    const { ended, events } = run("printf 'one\\r\\ntwo\\nthr'; printf 'ee\\n'; echo 'ü' >&2; printf last");
    expect(await ended).toBe("one\ntwo\nthree\nlast");
    expect(events.map((event) => (event.kind === "output" ? event.line : event)).sort()).toEqual(["last", "one", "three", "two", "ü"]);
  });
  test("fails with its exit code, the command and its last lines alone", async () => {
    await expect(run("i=0; while [ $i -lt 60 ]; do i=$((i+1)); echo line-$i; done; exit 7").ended).rejects.toMatchObject({ code: "ICX4004", message: expect.stringMatching(/exit code 7: i=0[\s\S]*\nline-21\n[\s\S]*line-60$/) as unknown });
    await expect(run("for i in 1 2 3; do echo $i; done; kill -TERM $$").ended).rejects.toMatchObject({ code: "ICX4004", message: expect.stringContaining("SIGTERM") as unknown });
  });
  test("a folder that does not exist is named", async () =>
    await expect(run("true", { cwd: join(folder.path, "gone") }).ended).rejects.toMatchObject({ code: "ICX4004", message: expect.stringContaining("no folder") as unknown }));
  test("an interrupt ends it and what it started", async () => {
    const interrupt = new AbortController(), events: ProgressEvent[] = [];
    const ended = runShell({ command: "sleep 1000 & echo $!; wait", cwd: folder.path, env, name: "a", interrupted: interrupt.signal, report: (event) => { events.push(event); interrupt.abort(); } });
    await expect(ended).rejects.toMatchObject({ code: "ICX9003" });
    const [event] = events, pid = Number(event?.kind === "output" ? event.line : 0);
    expect(pid).toBeGreaterThan(0);
    await expect.poll(() => { try { process.kill(pid, 0); return readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z "); } catch { return true; } }).toBe(true);
  });
  test("a program left in the background does not hold it up", async () => {
    const began = performance.now(), { ended } = run("sleep 20 & echo started $!");
    const [, pid] = (await ended).split(" ");
    expect(performance.now() - began).toBeLessThan(10_000);
    process.kill(Number(pid), "SIGTERM");
  });
});

describe("the shell on Windows", () => {
  test("is the bash that ICP_CLI_BASH_PATH names, or one that is found, never System32's", () => {
    mkdirSync(join(folder.path, "System32"));
    mkdirSync(join(folder.path, "tools"));
    for (const place of ["System32", "tools"]) writeFileSync(join(folder.path, place, "bash.exe"), "");
    const separator = process.platform === "win32" ? ";" : ":", PATH = [join(folder.path, "System32"), join(folder.path, "tools")].join(separator);
    expect(posixShell({ PATH }, "win32")).toBe(join(folder.path, "tools", "bash.exe"));
    expect(posixShell({ PATH, ICP_CLI_BASH_PATH: join(folder.path, "System32", "bash.exe") }, "win32")).toBe(join(folder.path, "System32", "bash.exe"));
    for (const none of [{ PATH: join(folder.path, "System32") }, { PATH, ICP_CLI_BASH_PATH: join(folder.path, "gone.exe") }]) {
      expect(() => posixShell({ ProgramFiles: folder.path, ...none }, "win32")).toThrowError(expect.objectContaining({ code: "ICX4011", hint: expect.stringContaining("ICP_CLI_BASH_PATH") as unknown }));
    }
  });
});

describe("a module behind an address", () => {
  let server: Server, url: string, module: Uint8Array, sha256: string, asked = 0;
  beforeAll(async () => {
    module = await counterModule();
    sha256 = createHash("sha256").update(module).digest("hex");
    server = createServer((request, response) => {
      asked++;
      if (request.url === "/a.wasm") response.end(module);
      else if (request.url === "/moved") response.writeHead(302, { location: "/a.wasm" }).end();
      else if (request.url === "/broken") { response.writeHead(200, { "content-length": "1000" }); response.write("x"); response.destroy(); }
      else response.writeHead(404).end();
    });
    await new Promise<void>((done) => { server.listen(0, "127.0.0.1", done); });
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => { server.close(); });
  const get = (address: string, hash?: string, cache = "cache", events: ProgressEvent[] = []): Promise<Uint8Array> =>
    download({ url: address, sha256: hash, name: "a", cacheFolder: join(folder.path, cache), report: (event) => events.push(event) });
  test("is fetched once, checked, and checked again in the cache", async () => {
    expect(await get(`${url}/moved`, sha256.toUpperCase())).toEqual(module);
    const before = asked;
    expect(await get(`${url}/moved`, sha256)).toEqual(module);
    expect(asked).toBe(before);
    writeFileSync(join(folder.path, "cache/downloads", `${sha256}.wasm`), "something else");
    expect(await get(`${url}/a.wasm`, sha256)).toEqual(module);
    expect(asked).toBe(before + 1);
  });
  test("without a hash it is fetched each time, with a warning that says the hash", async () => {
    const events: ProgressEvent[] = [];
    await get(`${url}/a.wasm`, undefined, "cache", events);
    expect(events).toEqual([{ kind: "warning", text: expect.stringContaining(`sha256: ${sha256}`) as unknown }]);
  });
  test("a file: address", async () => {
    writeFileSync(join(folder.path, "a b.wasm"), module);
    expect(await get(pathToFileURL(join(folder.path, "a b.wasm")).href, sha256, "other")).toEqual(module);
  });
  test.each<[string, () => string, string | undefined, string, RegExp]>([
    ["another hash", () => `${url}/a.wasm`, "0".repeat(64), "ICX4007", /not 0000/], ["nothing there", () => `${url}/b.wasm`, undefined, "ICX4012", /answered 404/], ["an answer that breaks off", () => `${url}/broken`, undefined, "ICX4012", /broken/],
    ["nobody there", () => "http://127.0.0.1:1/a.wasm", undefined, "ICX4012", /127\.0\.0\.1:1/], ["no URL", () => "a.wasm", undefined, "ICX4012", /not a URL/], ["another protocol", () => "ftp://x/a.wasm", undefined, "ICX4012", /ftp: is not supported/],
    ["http: from elsewhere without a hash", () => "http://example.com/a.wasm", undefined, "ICX4012", /only with its `sha256`/], ["no such file", () => pathToFileURL(join(folder.path, "gone.wasm")).href, undefined, "ICX4012", /ENOENT/],
  ])("%s is refused", async (_, address, hash, code, message) => await expect(get(address(), hash, "refused")).rejects.toMatchObject({ code, message: expect.stringMatching(message) as unknown }));
  test("in a manifest", async () => {
    const root = join(folder.path, "manifest");
    mkdirSync(root);
    writeFileSync(join(root, "icp.yaml"), `canisters:\n  - name: a\n    build:\n      steps:\n        - { type: pre-built, url: "${url}/a.wasm", sha256: ${sha256} }\n`);
    expect(await icx(root, ["build", "--json"])).toMatchObject({ code: 0, json: { canisters: [{ name: "a", moduleHash: sha256 }] } });
  });
});

describe.skipIf(process.platform === "win32")("what steps find in their environment", () => {
  const build = async (root: string, manifest: string, file: string): Promise<Ran> => {
    rmSync(root, { recursive: true, force: true });
    mkdirSync(root);
    writeFileSync(join(root, file), manifest);
    writeFileSync(join(root, "a.wasm"), await counterModule());
    return icx(root, ["build", "--json"]);
  };
  const variables = (root: string): Record<string, string> => Object.fromEntries(readFileSync(join(root, "env.txt"), "utf8").split("\n").filter((line) => line.includes("=")).map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
  test("icp.yaml: the variables of icp-cli, and the canister's folder to work in", async () => {
    const root = join(folder.path, "icp");
    expect(await build(root, "canisters:\n  - name: a\n    build:\n      steps:\n        - type: script\n          commands:\n            - env > env.txt\n            - pwd > pwd.txt\n            - cp a.wasm \"$ICP_WASM_OUTPUT_PATH\"\n", "icp.yaml")).toMatchObject({ code: 0 });
    expect(variables(root)).toMatchObject({ ICP_CLI_ENVIRONMENT: "local", ICP_WASM_OUTPUT_PATH: expect.stringMatching(/^\//) as unknown });
    expect(Object.keys(variables(root)).filter((name) => /^(DFX|CANISTER)_/.test(name))).toEqual([]);
    expect(readFileSync(join(root, "pwd.txt"), "utf8").trim()).toBe(root);
  });
  test("dfx.json: those of dfx too, with the interfaces of the canisters that were built before", async () => {
    const root = join(folder.path, "dfx"), manifest = {
      canisters: {
        "back-end": { type: "custom", wasm: "a.wasm", candid: "made/a.did", build: ["mkdir -p made", "echo 'service : {}' > \"$CANISTER_CANDID_PATH\""] },
        front: { type: "custom", wasm: "a.wasm", candid: "made/a.did", build: "env > env.txt", dependencies: ["back-end"] },
      },
    };
    expect(await build(root, JSON.stringify(manifest), "dfx.json")).toMatchObject({ code: 0 });
    const seen = variables(root);
    expect(seen).toMatchObject({ DFX_NETWORK: "local", DFX_VERSION: expect.stringMatching(/^0\./) as unknown, CANISTER_CANDID_PATH: join(root, "made/a.did"), CANISTER_CANDID_PATH_BACK_END: join(root, "made/a.did"), CANISTER_ID_BACK_END: expect.stringMatching(/-/) as unknown });
    expect(seen["CANISTER_ID"]).toBe(seen["CANISTER_ID_FRONT"]);
  });
  test("steps that leave no module behind", async () => {
    expect(await build(join(folder.path, "none"), "canisters:\n  - { name: a, build: { steps: [{ type: script, command: \"true\" }] } }\n", "icp.yaml")).toMatchObject({ code: 1, json: { error: { code: "ICX4005" } } });
    expect(existsSync(join(folder.path, "none/.icx/build/a/a.wasm"))).toBe(false);
  });
});

/** clang compiles C for canisters where it knows the target and has a linker for it. */
const clangMissing = spawnSync("clang", ["--target=wasm32", "-nostdlib", "-Wl,--no-entry", "-x", "c", "-", "-o", join(folder.path, "try.wasm")], { input: "int x;" }).status === 0 ? undefined : "there is no clang with wasm32 and wasm-ld";

describe("C", () => {
  test("a canister is compiled by clang in a step", async ({ skip }) => {
    if (clangMissing !== undefined) { process.stderr.write(`C canister: skipped, ${clangMissing}\n`); skip(clangMissing); }
    const root = join(folder.path, "c");
    mkdirSync(root);
    writeFileSync(join(root, "hello.c"), `#define ic(name) __attribute__((import_module("ic0"), import_name(#name)))
extern void reply_append(const void *, int) ic(msg_reply_data_append);
extern void reply(void) ic(msg_reply);
__attribute__((export_name("canister_query hello"))) void hello(void) { static const char text[] = "DIDL\\0\\1\\x71\\5hello"; reply_append(text, sizeof text - 1); reply(); }
`);
    writeFileSync(join(root, "icp.yaml"), "canisters:\n  - name: hello\n    build:\n      steps:\n        - type: script\n          command: clang --target=wasm32 -O2 -nostdlib -Wl,--no-entry hello.c -o \"$ICP_WASM_OUTPUT_PATH\"\n");
    expect(await icx(root, ["build", "--json"])).toMatchObject({ code: 0 });
    expect(WebAssembly.Module.exports(new WebAssembly.Module(readFileSync(join(root, ".icx/build/hello/hello.wasm")))).map(({ name }) => name)).toContain("canister_query hello");
  });
});
