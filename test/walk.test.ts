import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { HttpAgent } from "@dfinity/agent";
import { Principal } from "@dfinity/principal";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RoomLine } from "../src/context/events.ts";
import { startNetwork, type Network } from "../src/index.ts";
import { COUNTER_CANDID, counterModule } from "./canisters/assemble.ts";
import { createAndInstall } from "./canisters/install.ts";
import { counterProject } from "./cli/project.ts";
import { icx, temporaryFolder } from "./cli/run.ts";

/** The table of the walk, a row a room. */
const rows = [...readFileSync("docs/walks/ingress.md", "utf8").matchAll(/^\| (\d+) \| ([\w-]+) \|.*\| (.+) \|$/gm)].map(([, number, room, where]) => ({ number: Number(number), room: room!, where: where! }));
const rooms = rows.map(({ room }) => room);

describe("the walk of an ingress message", () => {
  const folder = temporaryFolder();
  let network: Network, url: string, canister: string, lines: RoomLine[] = [];
  /** One run of the command line, its lines among those of the replica, as they were written. */
  const walk = async (...argv: readonly string[]): Promise<{ readonly code: number; readonly stdout: string }> => {
    lines = [];
    const write = (text: string): void => { for (const line of text.trim().split("\n")) if (line.startsWith("{")) lines.push(JSON.parse(line) as RoomLine); };
    return await icx(folder.path, [...argv, "--network", url, "--root-key", Buffer.from(network.rootKey).toString("hex"), "--log-level", "debug"], { stderr: { write } }, false);
  };
  beforeAll(async () => {
    network = await startNetwork({ log: (line) => { lines.push(line); } });
    ({ url } = await network.listen({ port: 0 }));
    const agent = HttpAgent.createSync({ host: network.url, fetch: (input, init) => network.fetch(new Request(input, init)), rootKey: network.rootKey });
    canister = (await createAndInstall(agent, network.defaultEffectiveCanisterId, await counterModule())).toText();
  });
  afterAll(async () => { await network.stop(); folder[Symbol.dispose](); });

  test("the table has nineteen rooms in their order", () => expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 19 }, (_, index) => index + 1)));
  test.each(rows)("what the table says of $room is there", ({ where }) =>
    expect([...where.matchAll(/`([\w./-]+)`/g)].map((match) => match[1]!).filter((path) => !existsSync(path))).toEqual([]));
  test("a call goes through every room once, in the order of the table, under one message id", async () => {
    expect(await walk("call", canister, "increment", "(1)")).toMatchObject({ code: 0, stdout: "(1 : nat)\n" });
    const id = lines.find(({ room }) => room === "agent")?.messageId;
    expect(id).toMatch(/^[\da-f]{64}$/);
    expect(lines.filter(({ messageId }) => messageId === id).map(({ room }) => room)).toEqual(rooms);
    expect(lines.filter(({ messageId }) => messageId !== undefined && messageId !== id)).toEqual([]);
  });
  test("a call that traps goes the same way up to the agent's verdict, and says where it failed", async () => {
    writeFileSync(join(folder.path, "odd.hex"), "4449444c00017101"); // a text of length 1 without its byte: the canister traps
    expect(await walk("call", canister, "increment", "--args-file", "odd.hex", "--args-format", "hex")).toMatchObject({ code: 1 });
    const id = lines.find(({ room }) => room === "agent")?.messageId, own = lines.filter(({ messageId }) => messageId === id);
    expect(own.map(({ room }) => room)).toEqual(rooms.slice(0, -1));
    expect(own.find(({ room }) => room === "execution")).toMatchObject({ event: "trapped" });
  });
  test("two messages in one block keep their own ids", async () => {
    const twice = await Promise.all([walk("call", canister, "increment", "(2)"), walk("call", canister, "increment", "(3)")]);
    expect(twice.map(({ code }) => code)).toEqual([0, 0]);
    const ids = lines.filter(({ room }) => room === "agent").map(({ messageId }) => messageId);
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(lines.filter(({ messageId }) => messageId === id).map(({ room }) => room)).toEqual(rooms);
  });
  test("a message that the gatehouse refuses goes no further", async () => {
    writeFileSync(join(folder.path, "counter.did"), COUNTER_CANDID);
    const next = Principal.fromText(canister).toUint8Array().slice();
    next[7]! += 1; // no canister has this id yet
    expect(await walk("call", Principal.fromUint8Array(next).toText(), "increment", "(1)", "--candid", "counter.did")).toMatchObject({ code: 1 });
    expect(lines.filter(({ messageId }) => messageId !== undefined).map(({ room }) => room)).toEqual(rooms.slice(0, 6));
    expect(lines.find(({ room }) => room === "gatehouse")).toMatchObject({ event: "rejected" });
  });
  test("without the option nothing is told", async () => {
    const ran = await icx(folder.path, ["call", canister, "get", "--network", url, "--root-key", Buffer.from(network.rootKey).toString("hex")]);
    expect(ran).toMatchObject({ code: 0, stderr: "" });
  });
});

test("a network in the background keeps its part of the walk in its log; the command line tells the rest", async () => {
  using folder = temporaryFolder();
  await counterProject(folder.path);
  const parse = (text: string): RoomLine[] => text.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as RoomLine);
  expect(await icx(folder.path, ["start", "--background", "--log-level", "debug"])).toMatchObject({ code: 0 });
  try {
    expect(await icx(folder.path, ["deploy"])).toMatchObject({ code: 0 });
    const called = await icx(folder.path, ["call", "counter", "increment", "(1)", "--json", "--log-level", "debug"]), { requestId } = called.json as { readonly requestId: string };
    const told = parse(called.stderr), logged = parse(readFileSync(join(folder.path, ".icx/network/log.txt"), "utf8")).filter(({ messageId }) => messageId === requestId);
    expect(told.every(({ messageId }) => messageId === requestId)).toBe(true);
    expect(logged.map(({ room }) => room)).toEqual(rooms.slice(4, 17));
    expect([...told.slice(0, 4), ...logged, ...told.slice(4)].map(({ room }) => room)).toEqual(rooms);
  } finally { await icx(folder.path, ["stop"]); }
});
