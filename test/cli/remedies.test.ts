import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startNetwork } from "../../src/index.ts";
import { REJECTION_HINTS } from "../../src/client/management.ts";
import { ERRORS } from "../../src/errors/catalogue.ts";
import type { ErrorDescriptor } from "../../src/errors/icxError.ts";
import { counterProject } from "./project.ts";
import { icx, temporaryFolder, type Ran } from "./run.ts";
import { environment } from "./surrounding.ts";

/** The id of a subnet of the network that runs: the root is the first. */
async function subnetAt(run: Ground["run"], place: number): Promise<string> {
  const { json } = await run("subnet", "list");
  return (json as { readonly subnets: readonly { readonly id: string }[] }).subnets[place]!.id;
}
/** A project with the counter, in a folder of its own. */
interface Ground { readonly path: string; run(...argv: readonly string[]): Promise<Ran> }
/** How to meet the error; then the remedy is run as printed. `meanwhile` is what the user does in between, as the hint says. */
interface Scenario { readonly needs?: "network" | "deployed"; provoke(ground: Ground): Promise<Ran>; meanwhile?(ground: Ground): void | Promise<void> }

const ids = (path: string): string => join(path, ".icx/network/canister_ids.json");
const mapping = (path: string): string => join(path, ".icp/cache/mappings/local.ids.json");
const descriptor = (path: string): string => join(path, ".icx/network/network.json");
const STATE = ".icx/network/state/subnets/root";
const ROOT_KEY = "00".repeat(133);
/** What is printed in backquotes and begins with icx. */
const commandsIn = (hint: string): string[] => [...hint.matchAll(/`(icx [^`]+)`/g)].map((match) => match[1]!);
const managed = async (path: string, canister: string, method: string, ...more: readonly string[]): Promise<Ran> => await icx(path, ["canister", method, canister, "--json", ...more]);
const children: { kill(): void }[] = [];
/** A process that holds a lock and does nothing. */
async function idleProcess(): Promise<number> {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000); console.log('up')"], { stdio: ["ignore", "pipe", "ignore"] });
  children.push(child);
  await once(child.stdout, "data");
  return child.pid!;
}

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  ICX1001: { provoke: async ({ path }) => { mkdirSync(join(path, "../elsewhere"), { recursive: true }); return await icx(join(path, "../elsewhere"), ["deploy", "--json"]); } },
  ICX1003: { provoke: async ({ path, run }) => { writeFileSync(join(path, "icp.yaml"), "canisters: 7\n"); return await run("build"); } },
  ICX1007: { provoke: ({ run }) => run("canister", "id", "counter") },
  ICX1015: {
    needs: "deployed",
    async provoke({ path, run }) {
      const { json } = await run("canister", "create", "--detached"), other = (json as { readonly canister_id: string }).canister_id;
      writeFileSync(mapping(path), JSON.stringify({ counter: other }));
      return await run("call", "counter", "get");
    },
  },
  ICX2001: {
    async provoke({ run }) {
      const server = createServer().listen(0, "127.0.0.1");
      await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      await new Promise((closed) => server.close(closed));
      return await run("call", "ryjl3-tyaaa-aaaaa-aaaba-cai", "get", "--network", `http://127.0.0.1:${port}`, "--root-key", ROOT_KEY);
    },
  },
  ICX2003: { needs: "network", provoke: ({ run }) => run("start", "--port", "1") },
  ICX2004: { provoke: ({ run }) => run("network", "status") },
  ICX2007: {
    async provoke({ path }) {
      mkdirSync(join(path, ".icx/network"), { recursive: true });
      writeFileSync(join(path, ".icx/network/lock"), JSON.stringify({ pid: await idleProcess() }));
      return await icx(path, ["start", "--json"], { env: environment(path, { ICX_LOCK_TIMEOUT: "0.1" }) });
    },
  },
  ICX2008: {
    needs: "network",
    async provoke({ run }) {
      const server = createServer((socket) => socket.end("HTTP/1.1 500 no\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")).listen(0, "127.0.0.1");
      await once(server, "listening");
      try { return await run("call", "ryjl3-tyaaa-aaaaa-aaaba-cai", "get", "--network", `http://127.0.0.1:${(server.address() as AddressInfo).port}`, "--root-key", ROOT_KEY); } finally { server.close(); }
    },
  },
  ICX2011: {
    needs: "network",
    async provoke({ path, run }) {
      const told = JSON.parse(readFileSync(descriptor(path), "utf8")) as { readonly rootKey: string };
      writeFileSync(descriptor(path), JSON.stringify({ ...told, rootKey: ROOT_KEY }));
      return await run("deploy");
    },
  },
  ICX2013: { needs: "network", async provoke({ path, run }) { await run("stop"); writeFileSync(join(path, STATE, "format.json"), JSON.stringify({ format: 99, icx: "9.0.0" })); return await run("start"); } },
  ICX2014: {
    needs: "network",
    async provoke({ path, run }) {
      await run("stop");
      for (const name of readdirSync(join(path, STATE)).filter((file) => /\.(log|pack)$/.test(file))) truncateSync(join(path, STATE, name), 100);
      return await run("start");
    },
  },
  ICX2018: {
    async provoke({ path, run }) {
      await (await startNetwork({ stateDir: join(path, ".icx/network/state") })).stop(); // its registry says nothing of unsigned requests
      return await run("call", "ryjl3-tyaaa-aaaaa-aaaba-cai", "get", "()", "--as", "aaaaa-aa");
    },
  },
  ICX2020: { needs: "network", provoke: ({ run }) => run("network", "heal") },
  ICX2022: { needs: "network", provoke: async ({ run }) => await run("subnet", "remove", await subnetAt(run, 1), "-y") },
  ICX2023: {
    needs: "network",
    async provoke({ run }) {
      const { json } = await run("node", "list"), { id } = (json as { readonly nodes: readonly { readonly id: string }[] }).nodes[1]!;
      await run("node", "stop", id);
      return await run("node", "corrupt", id);
    },
  },
  ICX2024: { needs: "network", provoke: async ({ run }) => await run("subnet", "recover", await subnetAt(run, 0), "-y") },
  ICX2027: {
    async provoke({ path, run }) {
      const pid = await idleProcess(), server = createServer().listen(0, "127.0.0.1");
      await once(server, "listening");
      children.push({ kill: () => { server.close(); } });
      mkdirSync(join(path, ".icx/network"), { recursive: true });
      writeFileSync(join(path, ".icx/network/lock"), JSON.stringify({ pid }));
      writeFileSync(descriptor(path), JSON.stringify({ pid, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, rootKey: ROOT_KEY }));
      return await run("network", "status");
    },
  },
  ICX2025: { needs: "network", provoke: async ({ run }) => await run("subnet", "split", await subnetAt(run, 1), "--canisters", "rwlgt-iiaaa-aaaaa-aaaaa-cai", "-y") },
  ICX2026: { needs: "network", provoke: async ({ run }) => await run("subnet", "upgrade", await subnetAt(run, 1), "--replica-version", "9.9.9") },
  ICX3002: { provoke: ({ run }) => run("deploy", "--identity", "nobody") },
  ICX4001: {
    async provoke({ path, run }) {
      writeFileSync(join(path, "icp.yaml"), "canisters:\n  - name: counter\n    recipe: { type: \"@dfinity/motoko@v4.0.0\", configuration: { main: main.mo } }\n");
      writeFileSync(join(path, "main.mo"), "persistent actor { public func f() : async Nat { true } }");
      return await run("build");
    },
    meanwhile: ({ path }) => writeFileSync(join(path, "main.mo"), "persistent actor { public func f() : async Nat { 1 } }"),
  },
  ICX6003: {
    needs: "deployed",
    async provoke({ path, run }) {
      const kept = readFileSync(ids(path), "utf8"), id = (JSON.parse(kept) as { readonly canisters: { readonly counter: string } }).canisters.counter;
      writeFileSync(ids(path), kept.replace(id, await neverCreated(id)));
      rmSync(mapping(path)); // it would know better
      return await run("call", "counter", "get");
    },
  },
  ICX3009: { async provoke({ run }) { await run("identity", "new", "alice"); await run("identity", "use", "alice"); return await run("identity", "delete", "alice", "-y"); } },
  ICX6015: { needs: "deployed", provoke: ({ run }) => run("canister", "snapshot", "create", "counter") },
  ICX6009: { needs: "deployed", provoke: ({ run }) => run("deploy", "counter", "--mode", "install") },
  ICX6010: { async provoke({ run }) { await run("canister", "create", "counter"); return await run("deploy", "counter", "--mode", "upgrade"); } },
  ICX6011: { provoke: ({ run }) => run("deploy", "counter", "--no-create") },
  ICX6012: {
    needs: "deployed",
    async provoke({ path, run }) {
      writeFileSync(join(path, "icp.yaml"), `${readFileSync(join(path, "icp.yaml"), "utf8")}    sync:\n      steps:\n        - { type: script, command: node --version }\n`);
      await managed(path, "counter", "stop");
      return await run("sync");
    },
  },
  IC0301: {
    needs: "deployed",
    async provoke({ path, run }) {
      writeFileSync(join(path, "counter.did"), "service : { increment : (nat) -> (nat) }");
      const kept = readFileSync(ids(path), "utf8"), id = (JSON.parse(kept) as { readonly canisters: { readonly counter: string } }).canisters.counter;
      return await run("call", await neverCreated(id), "increment", "(1)", "--candid", "counter.did");
    },
  },
  ICX6017: { needs: "network", async provoke({ run }) { await run("deploy"); return await run("canister", "migrate", "counter", "--to", await subnetAt(run, 1), "-y"); } },
  IC0508: { needs: "deployed", async provoke({ path, run }) { await managed(path, "counter", "stop"); return await run("call", "counter", "increment", "(1)"); } },
  IC0512: {
    needs: "deployed",
    async provoke({ path, run }) { await run("identity", "new", "stranger"); return await managed(path, "counter", "stop", "--identity", "stranger"); },
  },
  IC0536: {
    needs: "deployed",
    provoke({ path, run }) { writeFileSync(join(path, "counter.did"), "service : { decrement : (nat) -> (nat) }"); return run("call", "counter", "decrement", "(1)", "--candid", "counter.did"); },
  },
  other: { needs: "deployed", provoke: ({ run }) => run("call", "counter", "increment", "--args-format", "hex", "4449444c00017101") },
};
/** Hints whose command has no scenario here, and why. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  ICX2005: "what is known to keep a network from starting has errors of its own; this one is for what nobody foresaw",
  IC0509: "a canister that is stopping has a call open to another; the remedy is that of IC0508",
  ICX6007: "an upgrade that is refused needs two compiled modules: test/cli/upgrade.test.ts goes on with --mode reinstall",
  ICX6008: "the same",
  IC0542: "icx canister status shows others what is public instead; a program that asks sees this",
  IC0537: "icx creates and installs in one command: an empty canister is one whose installation failed",
};

/** The id behind the last one that was created. */
async function neverCreated(id: string): Promise<string> {
  const { Principal } = await import("@dfinity/principal"), bytes = Principal.fromText(id).toUint8Array().slice();
  bytes[6]! += 1;
  return Principal.fromUint8Array(bytes).toText();
}

const hints = new Map<string, string>([...Object.values(ERRORS).flatMap((group) => Object.values<ErrorDescriptor>(group).map(({ code, hint }) => [code, hint] as const)), ...Object.entries(REJECTION_HINTS)]);
const withCommands = [...hints].filter(([, hint]) => commandsIn(hint).length > 0).map(([code]) => code);

test("every hint with a command has a scenario", () => {
  expect(withCommands.filter((code) => SCENARIOS[code] === undefined && ELSEWHERE[code] === undefined)).toEqual([]);
  expect([...Object.keys(SCENARIOS), ...Object.keys(ELSEWHERE)].filter((code) => !withCommands.includes(code))).toEqual([]);
});

/** Runs a command as printed. A network in the foreground is started and stopped; a question is answered with y, as at a terminal. */
async function runPrinted(folder: string, command: string): Promise<void> {
  const words = command.split(" ").slice(1), interrupt = new AbortController(), inForeground = words[0] === "start" && !words.includes("--background");
  const write = (text: string): void => { if (inForeground && text.includes("is running at")) interrupt.abort(); };
  const isTTY = words[0] !== "new"; // there a terminal is offered a choice of templates
  const ran = await icx(folder, words, { stdin: Object.assign(Readable.from(["y\n"]), { isTTY }), stdout: { columns: 80, write }, stderr: { isTTY: true, write: () => true }, interrupted: interrupt.signal });
  expect(ran, command).toMatchObject({ code: 0 });
}

describe("the remedy that an error prints works as printed", () => {
  const folder = temporaryFolder();
  afterAll(() => { for (const child of children) child.kill(); folder[Symbol.dispose](); });
  test.each(Object.entries(SCENARIOS))("%s", async (code, { needs, provoke, meanwhile }) => {
    const path = join(folder.path, code, "project");
    mkdirSync(path, { recursive: true });
    await counterProject(path);
    const ground: Ground = { path, run: (...argv) => icx(path, [...argv, "--json"]) };
    try {
      if (needs === "network") expect(await ground.run("start", "--background")).toMatchObject({ code: 0 });
      if (needs === "deployed") expect(await ground.run("deploy")).toMatchObject({ code: 0 });
      const { json } = await provoke(ground), { error } = json as { readonly error: { readonly code: string; readonly hint: string; readonly errorCode?: string } };
      if (code === "other") expect(REJECTION_HINTS, JSON.stringify(error)).not.toHaveProperty([error.errorCode ?? ""]);
      else expect(code.startsWith("ICX") ? error.code : error.errorCode, JSON.stringify(error)).toBe(code);
      const commands = commandsIn(error.hint);
      expect(commands.length).toBe(commandsIn(hints.get(code)!).length);
      await meanwhile?.(ground);
      for (const command of commands) await runPrinted(code === "ICX1001" ? join(path, "../elsewhere") : path, command);
    } finally { await icx(path, ["stop"]); }
  });
  test.each([["deploy --nonsense", "icx deploy --help"], ["deplyo", "icx deploy"], ["canister sttatus counter", "icx canister status"], ["network wobble", "icx network --help"]])("icx %s is told: %s", async (wrong, advised) => {
    const path = join(folder.path, "advice");
    mkdirSync(path, { recursive: true });
    const { json } = await icx(path, [...wrong.split(" "), "--json"]), { error } = json as { readonly error: { readonly hint: string } };
    expect(commandsIn(error.hint)).toEqual([advised]);
    expect(await icx(path, [...advised.replace(/ --help$/, "").split(" ").slice(1), "--help"])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Usage: icx/) as unknown });
  });
});
