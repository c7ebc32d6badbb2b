import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { startNetwork } from "../../../src/index.ts";
import { mainnetRootKey, rootKeyOf } from "../../../src/network/rootKey.ts";
import { verifyBls } from "../../../src/network/verifyBls.ts";
import { bytesFromHex } from "../../../src/replica/types/index.ts";

describe("the root key of a network given by URL", () => {
  test("is what is said: hex, or mainnet's", async () => {
    expect(await rootKeyOf("00FF", "https://example.org")).toEqual(Uint8Array.of(0, 255));
    expect(await rootKeyOf("mainnet", "https://example.org")).toEqual(mainnetRootKey);
  });
  test.each([[undefined], [""], ["0"], ["xy"]])("%s is none", async (given) => { await expect(rootKeyOf(given, "http://127.0.0.1:1")).rejects.toMatchObject({ code: "ICX2010" }); });
  test.each(["https://example.org", "http://192.0.2.1", "http://127.0.0.1.example.org", "http://localhost.example.org", "http://[::2]:1"])("is not fetched from %s", async (url) => {
    await expect(rootKeyOf("fetch", url)).rejects.toMatchObject({ code: "ICX2010" });
  });
  test("is fetched from this machine", async () => {
    await using network = await startNetwork();
    const { url, port } = await network.listen();
    for (const address of [url, `http://localhost:${port}`]) expect(await rootKeyOf("fetch", address)).toEqual(network.rootKey);
  });
  test("of what tells none, or does not answer, is an error", async () => {
    const server = createServer((_, response) => response.end("replica_health_status")).listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await expect(rootKeyOf("fetch", url)).rejects.toMatchObject({ code: "ICX2008" });
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
    await expect(rootKeyOf("fetch", url)).rejects.toMatchObject({ code: "ICX2001" });
  });
});

describe("the check of BLS signatures that clients are given", () => {
  // dfinity/agent-js, packages/agent/src/bls.test.ts; message and key of dfinity/ic-hs, "BLS verification"
  const key = bytesFromHex("a7623a93cdb56c4d23d99c14216afaab3dfd6d4f9eb3db23d038280b6d5cb2caaee2a19dd92c9df7001dede23bf036bc0f33982dfb41e8fa9b8e96b5dc3e83d55ca4dd146c7eb2e8b6859cb5a5db815db86810b8d12cee1588b5dbf34a4dc9a5");
  const signature = bytesFromHex("b89e13a212c830586eaa9ad53946cd968718ebecc27eda849d9232673dcd4f440e8b5df39bf14a88048c15e16cbcaabe"), message = new TextEncoder().encode("hello");
  test("takes a published signature, and none with a flipped bit", async () => {
    expect(await verifyBls(key, signature, message)).toBe(true);
    const flipped = (bytes: Uint8Array, at: number): Uint8Array => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
    expect(await verifyBls(key, flipped(signature, 47), message)).toBe(false);
    expect(await verifyBls(key, signature, flipped(message, 0))).toBe(false);
    expect(await verifyBls(flipped(key, 95), signature, message)).toBe(false);
    expect(await verifyBls(key, signature.subarray(1), message)).toBe(false);
  });
});
