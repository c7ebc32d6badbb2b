import { Principal } from "@dfinity/principal";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { assemble } from "../canisters/assemble.ts";
import type { Receipt, ReceiptNode } from "../../src/operations/receipt.ts";
import { startHere } from "./project.ts";
import { icx, temporaryFolder, type Ran } from "./run.ts";

const NAMES = ["first", "second", "third"];
const sum = (values: readonly (string | bigint)[]): bigint => values.reduce<bigint>((total, value) => total + BigInt(value), 0n);
const chainOf = (node: ReceiptNode): readonly ReceiptNode[] => [node, ...node.calls.flatMap(chainOf)];
const chargedFor = ({ charged }: ReceiptNode): bigint => sum(Object.values(charged));

describe("icx canister call --receipt", { timeout: 60_000 }, () => {
  const folder = temporaryFolder(), run = (...argv: readonly string[]): Promise<Ran> => icx(folder.path, argv);
  let network: Awaited<ReturnType<typeof startHere>> | undefined, ids: readonly string[];
  const balances = async (): Promise<readonly bigint[]> => await Promise.all(NAMES.map(async (name) => {
    const bytes = Buffer.from((await run("call", name, "balance", "()", "--query", "-o", "hex")).stdout.trim(), "hex");
    return bytes.readBigUInt64LE(0) + (bytes.readBigUInt64LE(8) << 64n);
  }));
  /** The argument that makes a canister call these, one after the other. */
  const through = (...canisters: readonly string[]): Buffer => {
    const [next, ...rest] = canisters;
    return next === undefined ? Buffer.alloc(0) : Buffer.concat([Principal.fromText(next).toUint8Array(), Uint8Array.of(5), Buffer.from("relay"), through(...rest)]);
  };
  const relay = (canister: string, argument: Buffer, ...more: readonly string[]): Promise<Ran> => run("call", canister, "relay", argument.toString("hex"), "--args-format", "hex", "--receipt", ...more);
  const receiptIn = ({ stdout }: Ran): Receipt & { readonly total: Readonly<Record<string, string>> } => (JSON.parse(stdout) as { readonly receipt: Receipt & { readonly total: Readonly<Record<string, string>> } }).receipt;
  beforeAll(async () => {
    writeFileSync(join(folder.path, "nested.wasm"), await assemble(readFileSync(new URL("../canisters/nested.wat", import.meta.url), "utf8")));
    writeFileSync(join(folder.path, "icp.yaml"), NAMES.reduce((text, name) => `${text}  - name: ${name}\n    build: { steps: [{ type: pre-built, path: nested.wasm }] }\n`, "canisters:\n"));
    network = await startHere(folder.path, ["--port", "0"]);
    expect(await run("deploy")).toMatchObject({ code: 0 });
    ids = await Promise.all(NAMES.map(async (name) => (await run("canister", "id", name)).stdout.trim()));
  }, 60_000);
  afterAll(async () => { await network?.stop(); folder[Symbol.dispose](); });
  const addsUp = async (): Promise<void> => {
    const before = await balances(), receipt = receiptIn(await relay("first", through(ids[1]!, ids[2]!), "--json")), after = await balances();
    const chain = chainOf(receipt.root);
    expect(chain.map(({ canister, method, outcome }) => [canister, method, outcome])).toEqual(ids.map((id) => [id, "relay", "replied"]));
    const changes = NAMES.map((_, place) => after[place]! - before[place]!), idle = ids.map((id) => BigInt(receipt.idle[id]!));
    // each canister's own balance, the whole, and the charges: to the cycle
    expect(chain.map(({ balance }, place) => BigInt(balance) - idle[place]!)).toEqual(changes);
    expect(BigInt(receipt.total["balance"]!)).toBe(sum(changes));
    expect(sum(chain.map(chargedFor)) + sum(idle)).toBe(-sum(changes));
    // what each part was for
    for (const [place, node] of chain.entries()) {
      expect(BigInt(node.balance)).toBe(BigInt(node.accepted) - sum(node.calls.map(({ accepted }) => accepted)) - chargedFor(node));
      expect([node.attached, node.accepted]).toEqual(place === 0 ? ["0", "0"] : ["1000", "600"]);
      expect(Object.keys(node.charged)).toEqual(place === 0 ? ["ingressInduction", "instructions", "transmission"] : place === 1 ? ["instructions", "transmission"] : ["instructions"]);
      expect(BigInt(node.memory)).toBeGreaterThanOrEqual(65_536n);
      expect(BigInt(node.instructions)).toBeGreaterThan(0n);
      // interface-spec.md, "Cycle fees": 5 million an execution and 1 an instruction, at the price of 13 nodes; the callback is an execution too
      expect(BigInt(node.charged["instructions"]!)).toBe(5_000_000n * (place === 2 ? 1n : 2n) + BigInt(node.instructions));
    }
  };

  test("adds up to the difference of the balances, to the cycle, over three nested canisters", addsUp);
  test("in words: a tree with the project's names, after the reply", async () => {
    const { code, stdout } = await relay("first", through(ids[1]!, ids[2]!), "-o", "hex");
    expect(code).toBe(0);
    const [heading, ...lines] = stdout.trimStart().split("\n");
    expect(heading!.split(/ {2,}/)).toEqual(["call", "instructions", "charged", "balance", "memory"]);
    for (const [place, words] of [/^first\.relay +[\d_]+ +[\d_]+ +-[\d_]+ +\+[\d_]+$/, /^└ second\.relay /, /^ {2}└ third\.relay /].entries()) expect(lines[place]).toMatch(words);
    expect(lines.at(-2)).toMatch(/^sum +[\d_]+ +[\d_]+ +-[\d_]+ +\+196_608$/);
  });
  test("a call that is refused has a receipt too; a query has none", async () => {
    const trapped = await run("call", "first", "relay", "00", "--args-format", "hex", "--receipt");
    expect(trapped.code).toBe(1);
    expect(trapped.stderr).toMatch(/first\.relay \(rejected\)/);
    const missing = receiptIn(await relay("first", through("ryjl3-tyaaa-aaaaa-aaaba-cai"), "--json"));
    expect(missing.root).toMatchObject({ outcome: "replied", calls: [{ outcome: "rejected", instructions: "0", attached: "1000", accepted: "0", balance: "0" }] });
    expect(BigInt(missing.root.balance)).toBe(-chargedFor(missing.root));
    expect(await run("call", "first", "balance", "()", "--query", "--receipt", "--json")).toMatchObject({ code: 2 });
    const asked = receiptIn(await run("call", "first", "balance", "()", "--receipt", "--json"));
    expect(asked.root.calls).toEqual([]);
  });
  test("what it cost is what the status says that was consumed, by use", async () => {
    interface Consumed { readonly instructions: string; readonly ingress_induction: string; readonly request_and_response_transmission: string }
    const consumed = async (): Promise<Consumed> => (JSON.parse((await run("canister", "status", "first", "--json")).stdout) as { readonly cycles_consumed: Consumed }).cycles_consumed;
    const before = await consumed(), { charged } = receiptIn(await relay("first", through(ids[1]!), "--json")).root, after = await consumed();
    const grown = (use: keyof Consumed): bigint => BigInt(after[use]) - BigInt(before[use]);
    expect([grown("instructions"), grown("request_and_response_transmission")]).toEqual([BigInt(charged["instructions"]!), BigInt(charged["transmission"]!)]);
    expect(grown("ingress_induction")).toBeGreaterThan(BigInt(charged["ingressInduction"]!)); // asking for the status is a message too
    const { stdout } = await run("canister", "status", "first");
    expect(stdout).toMatch(/^ {2}Cycles consumed: [\d_]+\n {4}Instructions: [\d_]+\n {4}Ingress induction: [\d_]+\n {4}Calls and their answers: [\d_]+/m);
  });
  test("several at once are told apart", async () => {
    const receipts = (await Promise.all(NAMES.map((name) => relay(name, Buffer.alloc(0), "--json")))).map(receiptIn);
    expect(receipts.map(({ root }) => root.canister)).toEqual(ids);
  });
  test("refused on another network before anything is sent", async () => {
    expect(await run("call", ids[0]!, "relay", "()", "--receipt", "-n", "http://127.0.0.1:1", "-k", "00".repeat(133), "--json")).toMatchObject({ code: 2, stdout: expect.stringContaining("ICX2017") as unknown });
  });
  test("with no network running it adds up the same", async () => {
    await network!.stop();
    network = undefined;
    await addsUp();
  });
});
