import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { deployable } from "./deployable.ts";
import { startHere } from "./project.ts";
import { icx, temporaryFolder, type Ran } from "./run.ts";

const INTERFACE = "service : { increment : () -> (nat8); get : () -> (nat8) query; note : (record { text : text }) -> (variant { ok }) }";
const error = (ran: Ran): Readonly<Record<string, unknown>> => (ran.json as { readonly error: Readonly<Record<string, unknown>> }).error;

describe("an incompatible upgrade", () => {
  const folder = temporaryFolder();
  let network: Awaited<ReturnType<typeof startHere>>;
  const run = (...argv: readonly string[]): Promise<Ran> => icx(folder.path, [...argv, "--json"]);
  const build = async (of: Parameters<typeof deployable>[0]): Promise<void> => writeFileSync(join(folder.path, "keeper.wasm"), await deployable(of));
  const count = async (): Promise<unknown> => { const ran = await run("call", "keeper", "get"); expect(ran, JSON.stringify(ran.json)).toMatchObject({ code: 0 }); return (ran.json as { readonly reply: { readonly values: readonly unknown[] } }).reply.values[0]; };
  const action = (ran: Ran): unknown => (ran.json as { readonly canisters: readonly { readonly action: string }[] }).canisters[0]?.action;
  /** A new canister of these parts that has counted to one. */
  const begin = async (of: Parameters<typeof deployable>[0]): Promise<void> => {
    await build(of);
    expect(action(await run("deploy", "--mode", "reinstall", "-y"))).toMatch(/installed$/);
    await run("call", "keeper", "increment");
  };
  beforeAll(async () => {
    writeFileSync(join(folder.path, "icp.yaml"), "canisters:\n  - name: keeper\n    build:\n      steps:\n        - { type: pre-built, path: keeper.wasm }\n");
    network = await startHere(folder.path);
  });
  afterAll(async () => { await network.stop(); folder[Symbol.dispose](); });

  test("a broken interface is refused with both signatures and the place of each break; state intact", async () => {
    await begin({ candid: INTERFACE });
    await build({ candid: "service : { increment : () -> (nat8); get : () -> (text) query; note : (record { text : text; by : principal }) -> (variant { ok; failed : text }) }" });
    const refused = await run("deploy");
    expect(refused).toMatchObject({ code: 1, json: { error: { code: "ICX6006", canister: "keeper", broken: [
      { method: "get", before: "() -> (nat8) query", after: "() -> (text) query" }, { method: "note", reason: expect.stringContaining("field `by`") as unknown },
    ] } } });
    expect(error(refused)["message"]).toMatch(/runs: \(\) -> \(nat8\) query\n {4}new: {2}\(\) -> \(text\) query/);
    expect(await count()).toBe(1);
  });
  test("-y takes it for agreed and tells it; a compatible one needs no word", async () => {
    const told = await icx(folder.path, ["deploy", "-y"]);
    expect(told).toMatchObject({ code: 0, stdout: expect.stringMatching(/keeper +\S+ +upgraded/) as unknown, stderr: expect.stringContaining("breaks those who call") as unknown });
    await begin({ candid: INTERFACE });
    await build({ candid: INTERFACE.replace("(record { text : text })", "(record { text : text; by : opt principal }, opt nat)").replace("get :", "more : () -> (); get :") });
    expect(action(await run("deploy"))).toBe("upgraded");
    expect(await count()).toBe(1);
  });
  test.each([["n", 1, 1], ["y", 0, 1]])("on a terminal it is asked: %s", async (answer, code, kept) => {
    await begin({ candid: INTERFACE });
    await build({ candid: "service : { increment : () -> (nat8); get : () -> (nat8) query }" });
    const stdin = Object.assign(new PassThrough(), { isTTY: true }), told: string[] = [];
    stdin.write(`${answer}\n`);
    const ran = await icx(folder.path, ["deploy"], { stdin, stderr: { isTTY: true, columns: 80, write: (text) => told.push(text) } });
    expect(ran.code).toBe(code);
    expect(told.join("")).toMatch(/note: the method is gone[\s\S]*Upgrade keeper nevertheless\?/);
    expect(await count()).toBe(kept);
  });
  const stable = (text: string): Parameters<typeof deployable>[0] => ({ candid: INTERFACE, sections: { "icp:private motoko:stable-types": text } });
  const OLD = "// Version: 1.0.0\nactor {\n  stable var count : Nat;\n  stable var owner : Text\n};\n";
  test("stable variables that would be lost are refused with both types, whatever was agreed to; state intact", async () => {
    await begin(stable(OLD));
    await build(stable("// Version: 1.0.0\nactor {\n  stable var count : Text;\n  stable var owner : Text\n};\n"));
    for (const argv of [["deploy"], ["deploy", "-y"]]) {
      const refused = await run(...argv);
      expect(refused).toMatchObject({ code: 1, json: { error: { code: "ICX6007", before: OLD, hint: expect.stringContaining("--mode reinstall") as unknown } } });
      expect(error(refused)["message"]).toMatch(/`count`[\s\S]*It holds:[\s\S]*count : Nat[\s\S]*declares:[\s\S]*count : Text/);
    }
    expect(await count()).toBe(1);
    await build(stable("// Version: 1.0.0\nactor {\n  stable var count : Nat\n};\n"));
    expect(await run("deploy")).toMatchObject({ code: 1, json: { error: { code: "ICX6007", message: expect.stringContaining("owner") as unknown } } });
    await build(stable("// Version: 1.0.0\nactor {\n  stable var count : Int;\n  stable var owner : Text;\n  stable var added : Bool\n};\n"));
    expect(action(await run("deploy"))).toBe("upgraded");
    expect(await count()).toBe(1);
  });
  test("a module that no longer keeps its memory is refused, one that keeps it is upgraded", async () => {
    const keeps = { candid: INTERFACE, sections: { "icp:private enhanced-orthogonal-persistence": "" } };
    await begin(keeps);
    await build({ candid: INTERFACE, version: 2 });
    expect(await run("deploy", "-y")).toMatchObject({ code: 1, json: { error: { code: "ICX6008" } } });
    await build({ ...keeps, version: 3 });
    expect(action(await run("deploy"))).toBe("upgraded");
    expect(await count()).toBe(1);
  });
  test("one refusal of several: nothing is installed at all", async () => {
    await begin({ candid: INTERFACE });
    const before = (await run("canister", "status", "keeper")).json as { readonly module_hash: string };
    writeFileSync(join(folder.path, "icp.yaml"), ["keeper", "other"].map((name) => `  - name: ${name}\n    build:\n      steps:\n        - { type: pre-built, path: ${name}.wasm }\n`).join("").replace(/^/, "canisters:\n"));
    writeFileSync(join(folder.path, "other.wasm"), await deployable({ candid: INTERFACE }));
    expect(await run("deploy", "other")).toMatchObject({ code: 0 });
    await build({ candid: INTERFACE, version: 9 });
    writeFileSync(join(folder.path, "other.wasm"), await deployable({ candid: "service : {}", version: 9 }));
    expect(await run("deploy")).toMatchObject({ code: 1, json: { error: { code: "ICX6006", canister: "other" } } });
    expect(await run("canister", "status", "keeper")).toMatchObject({ json: { module_hash: before.module_hash } });
  });
});

describe("Motoko", () => {
  test("a real program whose stable variable changes its type is refused, and a compatible one keeps its count", async () => {
    using folder = temporaryFolder();
    const source = join(folder.path, "src/main.mo"), run = (...argv: readonly string[]): Promise<Ran> => icx(folder.path, [...argv, "--json"]);
    mkdirSync(join(folder.path, "src"));
    writeFileSync(join(folder.path, "icp.yaml"), "canisters:\n  - { name: counter, recipe: { type: \"@dfinity/motoko\", configuration: { main: src/main.mo } } }\n");
    const program = (type: string, zero: string): string => `persistent actor { var count : ${type} = ${zero}; public func set(to : Nat) : async () { ${type === "Text" ? "ignore to; count := \"one\"" : "count := to"} }; public query func get() : async Bool { count == ${zero} } };\n`;
    const network = await startHere(folder.path);
    try {
      writeFileSync(source, program("Nat", "0"));
      expect(await run("deploy")).toMatchObject({ code: 0 });
      expect(await run("call", "counter", "set", "(7)")).toMatchObject({ code: 0 });
      writeFileSync(source, program("Text", "\"\""));
      expect(await run("deploy")).toMatchObject({ code: 1, json: { error: { code: "ICX6007", before: expect.stringContaining("count : Nat") as unknown, after: expect.stringContaining("count : Text") as unknown } } });
      expect(await run("call", "counter", "get")).toMatchObject({ json: { reply: { values: [false] } } });
      writeFileSync(source, program("Int", "0"));
      expect(await run("deploy")).toMatchObject({ code: 0, json: { canisters: [{ action: "upgraded" }] } });
      expect(await run("call", "counter", "get")).toMatchObject({ json: { reply: { values: [false] } } });
    } finally { await network.stop(); }
  }, 180_000); // three compilations
});
