import { connect } from "node:net";
import { request } from "node:http";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { encodeSelfDescribedCbor } from "../../../../src/replica/codec/cbor.ts";
import { isAllowedHost } from "../../../../src/replica/http/hostNames.ts";
import { type SocketOptions, listen } from "../../../../src/replica/http/listen.ts";
import type { ListeningAddress } from "../../../../src/replica/interfaces/network.ts";
import { principalToText } from "../../../../src/replica/types/index.ts";
import { queryContent } from "../../../hostile/buildRequest.ts";
import { sendHostileRequests } from "../../../hostile/hostileRequests.ts";
import { COUNTER, type TestNetwork, createTestNetwork } from "./testNetwork.ts";

let network: TestNetwork;
const open: ListeningAddress[] = [];
beforeAll(async () => { network = await createTestNetwork(); });
afterEach(async () => { for (const address of open.splice(0)) await address.close(); });
const start = async (options: SocketOptions = {}): Promise<ListeningAddress> => { const address = await listen(network.http, options); open.push(address); return address; };
/** A raw request, so that any Host header can be sent. */
const statusOf = (address: ListeningAddress, headers: Record<string, string>, method = "GET", path = "/api/v2/status", body?: readonly Uint8Array[]): Promise<number> => new Promise((resolve, reject) => {
  const outgoing = request({ host: "127.0.0.1", port: address.port, path, method, headers, agent: false }, (response) => { response.resume(); resolve(response.statusCode!); });
  outgoing.on("error", reject);
  for (const chunk of body ?? []) outgoing.write(chunk);
  outgoing.end();
});

describe("the socket", () => {
  test("answers like the function", async () => {
    const { url } = await start();
    const context = { url, canisterId: principalToText(COUNTER), subnetId: "", rootSubnetId: "" };
    const response = await fetch(`${url}/api/v3/canister/${context.canisterId}/query`, { method: "POST", headers: { "content-type": "application/cbor" }, body: new Uint8Array(encodeSelfDescribedCbor({ content: queryContent(context) })) });
    expect([response.status, response.headers.get("content-type"), response.headers.get("access-control-allow-origin")]).toEqual([200, "application/cbor", "*"]);
    expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(100);
    expect((await fetch(`${url}/nowhere`)).status).toBe(404);
    expect((await fetch(`${url}/api/v2/status`, { method: "OPTIONS" })).status).toBe(200);
  });
  test("a port that is taken is told with its code", async () => {
    const { port } = await start();
    await expect(listen(network.http, { port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  });
  test("closes at once though a client keeps its connection", async () => {
    const address = await listen(network.http), socket = connect(address.port, "127.0.0.1");
    const first = new Promise<string>((resolve) => socket.once("data", (bytes) => resolve(bytes.toString("latin1"))));
    socket.write(`GET /api/v2/status HTTP/1.1\r\nHost: localhost:${address.port}\r\n\r\n`);
    expect(await first).toMatch(/^HTTP\/1\.1 200/);
    const ended = new Promise((resolve) => socket.once("close", resolve));
    await address.close();
    await ended;
  });
  test("names of this machine are served, others are not", async () => {
    const address = await start({ allowHosts: ["replica.test"] });
    const host = (name: string): Promise<number> => statusOf(address, { host: name });
    for (const name of [`localhost:${address.port}`, "127.0.0.1", "[::1]:80", "aaaaa-aa.localhost:4943", "LOCALHOST", "replica.test:80"]) expect([name, await host(name)]).toEqual([name, 200]);
    for (const name of ["evil.example", "localhost.evil.example", "evillocalhost", "127.0.0.1.evil.example", "192.168.0.7"]) expect([name, await host(name)]).toEqual([name, 403]);
  });
  test("refuses hostile requests like the function, and still serves after them", async () => {
    const { url } = await start();
    const context = { url, canisterId: principalToText(COUNTER), subnetId: principalToText(network.application.subnetId), rootSubnetId: principalToText(network.root.subnetId) };
    expect(await sendHostileRequests(fetch, context)).toEqual([]);
    expect((await fetch(`${url}/api/v2/status`)).status).toBe(200);
  });
  test("a body of unknown length is cut at the limit", async () => {
    const address = await start(), chunk = new Uint8Array(1 << 20), path = `/api/v4/canister/${principalToText(COUNTER)}/call`, cbor = { host: "localhost", "content-type": "application/cbor", "transfer-encoding": "chunked" };
    expect(await statusOf(address, cbor, "POST", path, [encodeSelfDescribedCbor({})])).toBe(400);
    expect(await statusOf(address, cbor, "POST", path, Array.from({ length: 6 }, () => chunk))).toBe(413);
  });
});

test.each([[undefined, false], ["", false], ["localhost.", true], ["a.b.localhost", true], ["localhost:99999", true], ["[::1]", true], ["[::2]", false], ["other", false]] as const)("host %s", (host, allowed) => {
  expect(isAllowedHost(host, [])).toBe(allowed);
  expect(isAllowedHost(host, ["*"])).toBe(host !== undefined && host !== "");
});
