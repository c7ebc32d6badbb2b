import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { quickFetch } from "../../../src/network/quickFetch.ts";

test("sends method, headers and bytes, and gives back status, headers and the body, more than once", async () => {
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk)).once("end", () => {
      outgoing.writeHead(incoming.url === "/missing" ? 404 : 200, { "content-type": "application/json", "x-one": "1" }).end(JSON.stringify({ method: incoming.method, type: incoming.headers["content-type"], body: Buffer.concat(chunks).toString("hex") }));
    });
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => { server.once("listening", resolve); });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`, body = Uint8Array.of(1, 2, 255);
  const answer = await quickFetch(new URL("/api", url), { method: "POST", headers: { "Content-Type": "application/cbor" }, body });
  expect([answer.status, answer.ok, answer.headers.get("X-One"), answer.url]).toEqual([200, true, "1", `${url}/api`]);
  expect(await answer.clone().json()).toEqual({ method: "POST", type: "application/cbor", body: "0102ff" });
  expect(Buffer.from(await answer.arrayBuffer()).toString()).toBe(await answer.text());
  expect(await quickFetch(`${url}/missing`)).toMatchObject({ status: 404, ok: false });
  server.closeAllConnections();
  expect((await quickFetch(url)).status).toBe(200); // a kept connection was closed meanwhile
  server.close();
  server.closeAllConnections();
  await expect(quickFetch(url)).rejects.toMatchObject({ name: "TypeError", cause: { code: expect.stringMatching(/ECONNREFUSED|ECONNRESET/) as unknown } });
});

test("ends when its signal does", async () => {
  await using server = createServer(() => undefined).listen(0, "127.0.0.1");
  await new Promise((resolve) => { server.once("listening", resolve); });
  await expect(quickFetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { signal: AbortSignal.timeout(20) })).rejects.toThrow("fetch failed");
  server.closeAllConnections();
});
