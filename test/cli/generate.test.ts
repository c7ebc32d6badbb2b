import { HttpAgent } from "@icp-sdk/core/agent";
import { HttpAgent as DfinityAgent } from "@dfinity/agent";
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { startNetwork } from "../../src/index.ts";
import { assemble, COUNTER_CANDID, counterModule } from "../canisters/assemble.ts";
import { createAndInstall } from "../canisters/install.ts";
import { counterProject } from "./project.ts";
import { icx, temporaryFolder } from "./run.ts";
import { surrounding } from "./surrounding.ts";

const tree = (folder: string): string[] => readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1).replaceAll("\\", "/")).sort();
type Files = { readonly files: readonly { readonly path: string; readonly canister: string; readonly changed: boolean }[] };

describe("icx generate", () => {
  test("writes what typechecks and calls a canister, once, and deletes nothing", async () => {
    await using network = await startNetwork();
    using folder = temporaryFolder();
    await counterProject(folder.path);
    const ran = await icx(folder.path, ["generate"]);
    expect(ran).toMatchObject({ code: 0, stdout: "src/bindings/counter.ts\nsrc/bindings/declarations/counter.did.d.ts\nsrc/bindings/declarations/counter.did.js\n" });
    const bindings = join(folder.path, "src/bindings"), script = join(bindings, "declarations/counter.did.js"), writtenAt = (): number => (surrounding === "crlf" ? 0 : statSync(script).mtimeMs), before = writtenAt(); // there git writes it again
    writeFileSync(join(bindings, "mine.ts"), "export {};\n");
    expect((await icx(folder.path, ["generate", "--json"])).json).toMatchObject({ files: ["counter.ts", "declarations/counter.did.d.ts", "declarations/counter.did.js"].map((name) => ({ path: join(bindings, name), canister: "counter", changed: false })) });
    expect(writtenAt()).toBe(before);
    expect(tree(bindings)).toEqual(["counter.ts", "declarations/counter.did.d.ts", "declarations/counter.did.js", "mine.ts"]);

    symlinkSync(resolve("node_modules"), join(folder.path, "node_modules"), "junction");
    writeFileSync(join(folder.path, "package.json"), "{ \"type\": \"module\" }");
    writeFileSync(join(folder.path, "use.ts"), "import type { _SERVICE } from \"./src/bindings/declarations/counter.did.js\";\nexport const by = async (actor: _SERVICE): Promise<bigint> => await actor.increment(5n);\n// @ts-expect-error a text is no nat\nexport const wrong = async (actor: _SERVICE) => await actor.increment(\"5\");\n");
    writeFileSync(join(folder.path, "tsconfig.json"), JSON.stringify({ compilerOptions: { strict: true, noEmit: true, module: "nodenext", target: "esnext", skipLibCheck: true, types: [] }, files: ["use.ts", "src/bindings/counter.ts"] }));
    await promisify(execFile)(process.execPath, [resolve("node_modules/typescript/bin/tsc"), "-p", folder.path]);

    const { url } = await network.listen({ port: 0 }), owner = DfinityAgent.createSync({ host: url, rootKey: network.rootKey });
    const id = (await createAndInstall(owner, network.defaultEffectiveCanisterId, await counterModule())).toText();
    const { createActor } = await import(/* @vite-ignore */ pathToFileURL(join(bindings, "counter.ts")).href) as { readonly createActor: (id: string, options: { readonly agent: HttpAgent }) => { increment(by: bigint): Promise<bigint>; get(): Promise<bigint> } };
    const actor = createActor(id, { agent: HttpAgent.createSync({ host: url, rootKey: network.rootKey }) });
    expect(await actor.increment(5n)).toBe(5n);
    expect(await actor.get()).toBe(5n);
  });

  test("dfx.json says where and what; imports are followed; --out overrides", async () => {
    using folder = temporaryFolder();
    mkdirSync(join(folder.path, "did"));
    writeFileSync(join(folder.path, "did/types.did"), "/// How much.\ntype Amount = nat;");
    writeFileSync(join(folder.path, "own.did"), "import \"did/types.did\"; service : { add : (Amount) -> (Amount) }");
    writeFileSync(join(folder.path, "counter.wasm"), await counterModule());
    const custom = (declarations?: object): object => ({ type: "custom", candid: "own.did", wasm: "counter.wasm", ...(declarations === undefined ? {} : { declarations }) });
    writeFileSync(join(folder.path, "dfx.json"), JSON.stringify({ canisters: { plain: custom(), chosen: custom({ output: "web/decl", bindings: ["ts", "did"] }) } }));
    expect(await icx(folder.path, ["generate"])).toMatchObject({ code: 0 });
    expect(tree(join(folder.path, "src"))).toEqual(["plain.did", "plain.did.d.ts", "plain.did.js", "plain.ts"].map((name) => `declarations/plain/${name}`));
    expect(tree(join(folder.path, "web"))).toEqual(["decl/chosen.did", "decl/chosen.did.d.ts"]);
    expect(readFileSync(join(folder.path, "web/decl/chosen.did.d.ts"), "utf8")).toMatch(/How much[\s\S]*type Amount = bigint/);
    expect(((await icx(folder.path, ["generate", "chosen", "--out", "elsewhere", "--json"])).json as Files).files.length).toBe(3);
    expect(tree(join(folder.path, "elsewhere"))).toEqual(["chosen.ts", "declarations/chosen.did.d.ts", "declarations/chosen.did.js"]);
  });

  test("without an interface: a warning for all, an error by name; what a network knows is asked there", async () => {
    await using network = await startNetwork();
    using folder = temporaryFolder();
    const { url } = await network.listen({ port: 0 }), rootKey = Buffer.from(network.rootKey).toString("hex");
    writeFileSync(join(folder.path, "bare.wasm"), await assemble("(module (func (export \"canister_update f\")))"));
    writeFileSync(join(folder.path, "icp.yaml"), `canisters:\n  - name: bare\n    build:\n      steps:\n        - { type: pre-built, path: bare.wasm }\nnetworks:\n  - { name: there, mode: connected, url: "${url}", root-key: "${rootKey}" }\n`);
    expect(await icx(folder.path, ["generate"])).toMatchObject({ code: 0, stdout: "", stderr: expect.stringContaining("bare has no candid interface") as unknown });
    expect((await icx(folder.path, ["generate", "bare", "--json"])).json).toMatchObject({ error: { code: "ICX5016" } });
    const owner = DfinityAgent.createSync({ host: url, rootKey: network.rootKey }), id = (await createAndInstall(owner, network.defaultEffectiveCanisterId, await counterModule())).toText();
    expect(await icx(folder.path, ["canister", "link", "bare", id, "-n", "there"])).toMatchObject({ code: 0 });
    expect(await icx(folder.path, ["generate", "bare", "-n", "there"])).toMatchObject({ code: 0, stdout: expect.stringContaining("src/bindings/bare.ts") as unknown });
  });
  test.each([
    ["a mistake", `${COUNTER_CANDID};\n@`, "ICX5006", /line 2, column 1/], ["a bomb", `type A = ${"vec ".repeat(50_000)}nat; service : {}`, "ICX5006", /nested too deeply/],
    ["an import that is not there", "import \"absent.did\"; service : {}", "ICX5006", /line 1, column 8.*absent\.did/],
    ["what only the official generator refuses", "service : { f : (record { 0XFF : nat }) -> () }", "ICX5015", /field id/],
  ])("an interface with %s", async (_, did, code, message) => {
    using folder = temporaryFolder();
    writeFileSync(join(folder.path, "own.did"), did);
    writeFileSync(join(folder.path, "counter.wasm"), await counterModule());
    writeFileSync(join(folder.path, "dfx.json"), JSON.stringify({ canisters: { counter: { type: "custom", candid: "own.did", wasm: "counter.wasm" } } }));
    expect((await icx(folder.path, ["generate", "--json"])).json).toMatchObject({ error: { code, message: expect.stringMatching(message) as unknown } });
  });
});
