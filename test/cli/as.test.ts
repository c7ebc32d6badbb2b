import { HttpAgent } from "@dfinity/agent";
import { Principal } from "@dfinity/principal";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type Network, startNetwork } from "../../src/index.ts";
import { assemble } from "../canisters/assemble.ts";
import { encodeSelfDescribedCbor } from "../../src/replica/codec/cbor.ts";
import { startHere } from "./project.ts";
import { icx, temporaryFolder, type Ran } from "./run.ts";

/** Replies with the bytes of its caller. */
const WHO = `(module
  (import "ic0" "msg_caller_size" (func $size (result i32))) (import "ic0" "msg_caller_copy" (func $copy (param i32 i32 i32)))
  (import "ic0" "msg_reply_data_append" (func $append (param i32 i32))) (import "ic0" "msg_reply" (func $reply))
  (memory 1)
  (func $tell (call $copy (i32.const 0) (i32.const 0) (call $size)) (call $append (i32.const 0) (call $size)) (call $reply))
  (export "canister_update who" (func $tell)) (export "canister_query asked" (func $tell)))`;
const LEDGER = "ryjl3-tyaaa-aaaaa-aaaba-cai", SOMEBODY = Principal.selfAuthenticating(Uint8Array.of(1, 2, 3)).toText();
const hexOf = (text: string): string => Buffer.from(Principal.fromText(text).toUint8Array()).toString("hex");
const project = async (folder: string): Promise<void> => {
  writeFileSync(join(folder, "who.wasm"), await assemble(WHO));
  writeFileSync(join(folder, "icp.yaml"), "canisters:\n  - name: who\n    build: { steps: [{ type: pre-built, path: who.wasm }] }\n");
};

describe("icx canister call --as", { timeout: 60_000 }, () => {
  const folders: ReturnType<typeof temporaryFolder>[] = [];
  const ground = async (): Promise<string> => { const folder = temporaryFolder(); folders.push(folder); await project(folder.path); return folder.path; };
  afterAll(() => { for (const folder of folders) folder[Symbol.dispose](); });
  const speak = async (path: string): Promise<void> => {
    const call = (method: string, ...more: readonly string[]): Promise<Ran> => icx(path, ["call", "who", method, "()", "-o", "hex", ...more]);
    const mine = (await icx(path, ["identity", "principal"])).stdout.trim();
    expect((await call("who")).stdout).toBe(`${hexOf(mine)}\n`);
    for (const name of [SOMEBODY, LEDGER, "2vxsx-fae"]) expect(await call("who", "--as", name)).toMatchObject({ code: 0, stdout: `${hexOf(name)}\n` });
    expect((await call("asked", "--query", "--as", LEDGER)).stdout).toBe(`${hexOf(LEDGER)}\n`);
    const id = (await icx(path, ["canister", "id", "who"])).stdout.trim();
    expect((await call("who", "--impersonate", "who")).stdout).toBe(`${hexOf(id)}\n`);
    expect(await icx(path, ["call", "who", "who", "--as", "nobody-at-all", "--json"])).toMatchObject({ code: 2, json: { error: { code: "ICX5008" } } });
  };

  test("with a network that runs, and its public door as strict as ever", async () => {
    const path = await ground(), network = await startHere(path, ["--port", "0"]);
    expect(await icx(path, ["deploy"])).toMatchObject({ code: 0 });
    await speak(path);
    const { url } = JSON.parse(readFileSync(join(path, ".icx/network/network.json"), "utf8")) as { readonly url: string }, id = (await icx(path, ["canister", "id", "who"])).stdout.trim();
    for (const authorization of [undefined, "Bearer 00"]) expect((await post(url, id, authorization)).status).toBe(400);
    const token = `Bearer ${readFileSync(join(path, ".icx/network/admin-token"), "utf8")}`;
    expect((await post(url, id, token)).status).toBe(200);
    expect((await post(url, id, token, "http://evil.example")).status).toBe(400); // no page is the owner
    await network.stop();
    await speak(path); // replays what was unsigned, and goes on without a daemon
  });
  test("a network whose registry does not say so takes none, from anybody", async () => {
    await using network = await startNetwork({ idleBlockIntervalMs: 600_000 });
    const { url } = await network.listen({ port: 0, adminToken: "secret" });
    for (const authorization of [undefined, "Bearer secret"]) expect((await post(url, network.defaultEffectiveCanisterId, authorization)).status).toBe(400);
    expect((await postTo(network.ownerFetch, network)).status).toBe(400);
  });
  test("a network in this process: its owner's door alone, and the same state after a replay", async () => {
    const folder = temporaryFolder();
    folders.push(folder);
    const options = { unsigned: true, stateDir: join(folder.path, "state"), idleBlockIntervalMs: 600_000 };
    let network: Network = await startNetwork(options);
    expect((await postTo(network.fetch, network)).status).toBe(400);
    expect((await postTo(network.ownerFetch, network)).status).not.toBe(400);
    const hash = network.stateHash();
    await network.suspend();
    network = await startNetwork({ ...options, unsigned: false }); // what the registry says counts, not what is asked for later
    expect(network.stateHash()).toBe(hash);
    expect((await postTo(network.ownerFetch, network)).status).not.toBe(400);
    await network.stop();
  });
  test("four nodes put it into a block together, and write one receipt of it", async () => {
    await using network = await startNetwork({ unsigned: true, nodes: 4 });
    const { url, rootKey, fetch, ownerFetch } = network, { createAndInstall } = await import("../canisters/install.ts"), { createClient } = await import("../../src/client/createClient.ts");
    const id = (await createAndInstall(HttpAgent.createSync({ host: url, rootKey, fetch: (input, init) => fetch(new Request(input, init)) }), network.defaultEffectiveCanisterId, await assemble(WHO))).toText();
    const client = createClient({ name: "four", url, rootKey, managed: true, fetch: (input, init) => fetch(new Request(input, init)), ownerFetch: (input, init) => ownerFetch(new Request(input, init)) }, { name: "somebody", principal: SOMEBODY, unsigned: true, sign: () => new Uint8Array() });
    expect((await ownerFetch(new Request(`${url}/_icx/receipts`, { method: "POST" }))).status).toBe(200);
    const answer = await client.update(id, "who", new Uint8Array());
    if (answer.kind !== "reply") expect.unreachable(answer.rejection.message);
    expect(Buffer.from(answer.value.reply).toString("hex")).toBe(hexOf(SOMEBODY));
    const receipt = await (await ownerFetch(new Request(`${url}/_icx/receipts?request=${answer.value.requestId}`))).json() as { readonly root: { readonly instructions: string; readonly charged: { readonly instructions: string; readonly ingressInduction: string }; readonly balance: string } };
    expect(BigInt(receipt.root.charged.instructions)).toBe(5_000_000n + BigInt(receipt.root.instructions)); // once, not four times
    expect(-BigInt(receipt.root.balance)).toBe(BigInt(receipt.root.charged.instructions) + BigInt(receipt.root.charged.ingressInduction));
    for (const request of ["", "?request=", "?request=zz", `?request=${"00".repeat(32)}`]) expect((await ownerFetch(new Request(`${url}/_icx/receipts${request}`))).status).toBe(404);
    expect((await fetch(new Request(`${url}/_icx/receipts`, { method: "POST" }))).status).toBe(404);
  });
  test("refused on any other network before anything is sent", async () => {
    const path = await ground();
    let heard = 0;
    const server = createServer((socket) => { heard++; socket.destroy(); }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    writeFileSync(join(path, "icp.yaml"), `${readFileSync(join(path, "icp.yaml"), "utf8")}networks:\n  - { name: other, mode: connected, url: "${url}", root-key: "${"00".repeat(133)}" }\nenvironments:\n  - { name: stage, network: other, canisters: [who] }\n`);
    for (const where of [["-n", url, "-k", "fetch"], ["-n", url], ["-n", "other"], ["-e", "stage"]]) {
      expect(await icx(path, ["call", LEDGER, "who", "()", "--as", SOMEBODY, ...where, "--json"])).toMatchObject({ code: 2, json: { error: { code: "ICX2017" } } });
    }
    expect(await icx(path, ["call", LEDGER, "who", "()", "--as", SOMEBODY, "-n", "ic", "--json"])).toMatchObject({ code: 1, json: { error: { code: "ICX1014" } } });
    expect(heard).toBe(0);
    await new Promise((closed) => server.close(closed));
  });
});

/** A call in the name of somebody, as nobody could sign it. */
const body = (canister: string): Uint8Array => encodeSelfDescribedCbor({ content: {
  request_type: "call", sender: Principal.fromText(SOMEBODY).toUint8Array(), canister_id: Principal.managementCanister().toUint8Array(), method_name: "provisional_top_up_canister",
  arg: new Uint8Array(), ingress_expiry: BigInt(Date.now() + 60_000) * 1_000_000n, nonce: Uint8Array.from(Buffer.from(canister).subarray(0, 8)),
} });
const request = (url: string, canister: string, headers: Record<string, string>): Request => new Request(`${url}/api/v4/canister/${canister}/call`, { method: "POST", headers: { "content-type": "application/cbor", ...headers }, body: body(canister) as BodyInit });
const post = async (url: string, canister: string, authorization: string | undefined, origin?: string): Promise<Response> => await fetch(request(url, canister, { ...(authorization !== undefined && { authorization }), ...(origin !== undefined && { origin }) }));
const postTo = async (door: Network["fetch"], { url, defaultEffectiveCanisterId }: Network): Promise<Response> => await door(request(url, defaultEffectiveCanisterId, {}));
