import { HttpAgent } from "@dfinity/agent";
import { IDL } from "@dfinity/candid";
import { Principal } from "@dfinity/principal";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Network, startNetwork } from "../../src/index.ts";
import { assemble, withCustomSection } from "../canisters/assemble.ts";
import { createAndInstall } from "../canisters/install.ts";
import { Terminal } from "./terminal.ts";
import { icx, temporaryFolder, type Ran } from "./run.ts";
import { roomForKeys } from "./surrounding.ts";

const DID = "type Shape = variant { circle : nat8; none }; service : { echo : (nat, text) -> (nat, text) query; shape : (Shape, opt principal) -> (); ping : () -> (); maybe : (opt nat) -> () }";
let network: Network, url: string, echo: string, silent: string, folder: ReturnType<typeof temporaryFolder>;
beforeAll(async () => {
  network = await startNetwork();
  ({ url } = await network.listen({ port: 0 }));
  folder = temporaryFolder();
  roomForKeys(folder.path);
  const agent = HttpAgent.createSync({ host: url, rootKey: network.rootKey });
  const wat = readFileSync(new URL("../canisters/echo.wat", import.meta.url), "utf8"), module = await assemble(wat.replace("(func (export \"canister_query echo\")", "(export \"canister_update shape\" (func $f)) (export \"canister_update ping\" (func $f)) (export \"canister_update maybe\" (func $f)) (func $f (export \"canister_query echo\")"));
  echo = (await createAndInstall(agent, network.defaultEffectiveCanisterId, withCustomSection(module, "icp:public candid:service", Buffer.from(DID)))).toText();
  silent = (await createAndInstall(agent, network.defaultEffectiveCanisterId, await assemble(wat))).toText();
});
afterAll(async () => { await network.stop(); folder[Symbol.dispose](); });

const there = (): readonly string[] => ["-n", url, "--root-key", Buffer.from(network.rootKey).toString("hex")];
const call = async (canister: string, ...args: readonly string[]): Promise<Ran> => await icx(folder.path, ["canister", "call", canister, ...args, ...there()]);
const file = (name: string, content: string | Uint8Array): string => { writeFileSync(join(folder.path, name), content); return name; };
const bytes = "4449444c00027d7105026869"; // (5, "hi")

describe("arguments", () => {
  test.each([
    ["positional", () => ["echo", "(5, \"hi\")"]], ["--args", () => ["echo", "--args", "(5, \"hi\")"]], ["--argument", () => ["echo", "--argument", "(5, \"hi\")"]],
    ["--args-file", () => ["echo", "--args-file", file("args.txt", "\uFEFF(5,\r\n \"hi\")\r\n")]], ["--argument-file", () => ["echo", "--argument-file", file("args.txt", "(5, \"hi\")")]],
    ["hex", () => ["echo", "--args-format", "hex", bytes]], ["hex of a file", () => ["echo", "--args-format", "hex", "--args-file", file("args.hex", `0x${bytes}\n`)]], ["raw, as dfx says", () => ["echo", "--argument-type", "raw", "--argument", bytes]],
    ["a binary file", () => ["echo", "--args-format", "bin", "--args-file", file("args.bin", Buffer.from(bytes, "hex"))]],
  ])("%s", async (_, args) => expect(await call(echo, ...args())).toMatchObject({ code: 0, stdout: "(5 : nat, \"hi\")\n", stderr: "" }));
  test("a method that takes nothing needs none", async () => expect(await call(echo, "ping")).toMatchObject({ code: 0, stdout: "()\n" }));
  test.each([
    ["none for a method that takes some", ["echo"], 2, "ICX5013", "(nat, text) -> (nat, text) query"], ["none, all optional", ["maybe"], 2, "ICX5013", "(opt nat)"],
    ["two", ["echo", "(1, \"\")", "--args", "(2, \"\")"], 2, "ICX5012", "twice"], ["text and file", ["echo", "(1, \"\")", "--args-file", "args.txt"], 2, "ICX5012", "twice"],
    ["no such file", ["echo", "--args-file", "absent"], 1, "ICX1010", "ENOENT"], ["no such interface", ["echo", "(1, \"\")", "--candid", "absent.did"], 1, "ICX1010", "ENOENT"], ["bin without a file", ["echo", "--args-format", "bin", "00"], 2, "ICX5001", "files"],
    ["wrong hex", ["echo", "--args-format", "hex", "4g"], 2, "ICX5003", "line 1, column 2"], ["wrong text", ["echo", "(1,\n @)"], 2, "ICX5003", "line 2, column 2"], ["wrong type", ["echo", "(1,\n 5)"], 2, "ICX5004", "line 2, column 2"],
    ["both ways", ["echo", "(1, \"\")", "--query", "--update"], 2, "ICX5001", "exclude"],
  ])("%s", async (_, args, code, errorCode, words) => {
    const ran = await icx(folder.path, ["canister", "call", echo, ...args, ...there(), "--json"]), { error } = ran.json as { readonly error: { readonly code: string; readonly message: string; readonly hint: string } };
    expect([ran.code, error.code]).toEqual([code, errorCode]);
    expect(`${error.message} ${error.hint}`).toContain(words);
  });
  test("a .did file with imports", async () => {
    file("types.did", "type Pair = record { left : nat; right : text };");
    file("own.did", "import \"types.did\"; service : { echo : (Pair) -> (Pair) query }");
    expect(await call(silent, "echo", "(record { right = \"r\"; left = 1 })", "--candid", "own.did")).toMatchObject({ code: 0, stdout: "(record { left = 1 : nat; right = \"r\" })\n" });
    file("own.did", "import \"types.did\";\nservice : { echo : (Par) -> (Pair) query }");
    expect(await call(silent, "echo", "()", "--candid", "own.did")).toMatchObject({ code: 1, stderr: expect.stringMatching(/own\.did cannot be read at line 2, column 21: the type Par is not defined/) as unknown });
  });
});

describe("replies", () => {
  const hex = (text: string): string => Buffer.from(text).toString("hex");
  test.each([
    ["auto", hex("hello"), "hello\n"], ["auto", "ff00", "ff00\n"], ["auto", "", "\n"], ["text", hex("hello"), "hello\n"], ["hex", bytes, `${bytes}\n`], ["candid", bytes, "(5 : nat, \"hi\")\n"], ["json", bytes, "[\"5\",\"hi\"]\n"],
    ["auto", "4449444c016c02017102710100036f6e650374776f", "(record { 1 = \"one\"; 2 = \"two\" })\n"],
  ])("--output %s of %s", async (output, argument, stdout) => {
    const ran = await call(silent, "echo", "--args-format", "hex", argument, "--output", output);
    expect(ran).toMatchObject({ code: 0, stdout: stdout === "\n" ? "" : stdout, stderr: expect.stringContaining("publishes no candid interface") as unknown });
  });
  test.each([["candid", "ff", "ICX5011"], ["text", "ff", "ICX5014"]])("--output %s of what it is not", async (output, argument, code) =>
    expect((await icx(folder.path, ["call", silent, "echo", "--args-format", "hex", argument, "-o", output, ...there(), "--json"])).json).toMatchObject({ error: { code } }));
  test("--json has icp's keys and ours", async () => {
    expect((await icx(folder.path, ["call", echo, "ping", ...there(), "--json"])).json).toMatchObject({
      response_bytes: "4449444c0000", response_text: null, response_candid: "()", reply: { candid: "()", values: [], hex: "4449444c0000" }, kind: "update",
      requestId: expect.stringMatching(/^[\da-f]{64}$/) as unknown, certificate: expect.any(String) as unknown, rootKey: expect.any(String) as unknown,
    });
    expect((await icx(folder.path, ["call", silent, "echo", "--args-format", "hex", hex("hi"), "--query", ...there(), "--json"])).json).toMatchObject({ response_bytes: hex("hi"), response_text: "hi", response_candid: null, kind: "query" });
  });
  test.each([
    ["a type that it is not", "4449444c00017105", "own.did"], ["a billion nulls", "4449444c016d7f010080a8d6b907", undefined], ["a billion empty records", "4449444c026c006d00010180a8d6b907", undefined],
  ])("%s is a warning and hex", async (_, argument, did) => {
    file("own.did", "service : { echo : () -> (nat) query }");
    const began = performance.now(), ran = await call(silent, "echo", "--args-format", "hex", argument, ...(did === undefined ? [] : ["--candid", did]));
    expect(ran).toMatchObject({ code: 0, stderr: expect.stringContaining("The reply is not candid") as unknown });
    expect(performance.now() - began).toBeLessThan(3_000);
  });
  test("an interface that is none is a warning", async () => {
    const agent = HttpAgent.createSync({ host: url, rootKey: network.rootKey }), module = await assemble(readFileSync(new URL("../canisters/echo.wat", import.meta.url), "utf8"));
    const id = (await createAndInstall(agent, network.defaultEffectiveCanisterId, withCustomSection(module, "icp:public candid:service", Buffer.from(`type A = ${"vec ".repeat(100_000)}nat; service : {}`)))).toText();
    expect(await call(id, "echo", "(1)")).toMatchObject({ code: 0, stdout: "(1 : int)\n", stderr: expect.stringContaining("nested too deeply") as unknown });
  });
});

describe("the form on a terminal", () => {
  test("asks by type, refuses what does not fit, sends what was said", async () => {
    const terminal = new Terminal(), ran = icx(folder.path, ["canister", "call", echo, "echo", ...there()], terminal.io(folder.path));
    await terminal.answer("argument 1 : nat", "-", "5", "\r");
    await terminal.answer("-5 is not a nat", "\u007f", "\u007f", "7", "\r");
    await terminal.answer("argument 2 : text", "say \"hi\"", "\r");
    expect((await ran).code).toBe(0);
    expect(terminal.out).toBe("(7 : nat, \"say \\\"hi\\\"\")\n");
  });
  test("choices and options", async () => {
    const terminal = new Terminal(), ran = icx(folder.path, ["canister", "call", echo, "shape", ...there(), "--output", "hex"], terminal.io(folder.path));
    await terminal.answer("circle : nat8", "c");
    await terminal.answer("circle : nat8", "9", "\r");
    await terminal.answer("give a value?", "y");
    await terminal.answer("principal", "aaaaa-aa", "\r");
    expect((await ran).code).toBe(0);
    const expected = IDL.encode([IDL.Variant({ circle: IDL.Nat8, none: IDL.Null }), IDL.Opt(IDL.Principal)], [{ circle: 9 }, [Principal.managementCanister()]]);
    expect(terminal.out).toBe(`${Buffer.from(expected).toString("hex")}\n`);
  });
  test("escape ends it", async () => {
    const terminal = new Terminal(), ran = icx(folder.path, ["canister", "call", echo, "echo", ...there()], terminal.io(folder.path));
    await terminal.answer("argument 1", "\u001b");
    expect(await ran).toMatchObject({ code: 1 });
    expect(terminal.written).toContain("Nothing was changed");
  });
});
