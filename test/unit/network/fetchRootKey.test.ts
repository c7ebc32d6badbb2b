import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { startNetwork } from "../../../src/index.ts";
import { fetchRootKey } from "../../../src/network/fetchRootKey.ts";

describe("fetching a root key", () => {
  let server: Server | undefined;
  afterEach(() => { server?.close(); server = undefined; });
  async function answering(body: Buffer): Promise<string> {
    server = createServer((_, response) => response.end(body)).listen(0, "127.0.0.1");
    await once(server, "listening");
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  test("of a network on this machine it is the network's own", async () => {
    const network = await startNetwork();
    try {
      const { url } = await network.listen({ port: 0 });
      expect(await fetchRootKey(url)).toBe(Buffer.from(network.rootKey).toString("hex"));
    } finally { await network.stop(); }
  });
  test("elsewhere nobody is asked", async () => expect(fetchRootKey("https://icp0.io")).rejects.toMatchObject({ code: "ICX2010" }));
  test.each([
    ["something else", "hello"], ["a status without a key", "replica_health_status"], ["a key that is cut off", "replica_health_status\u0068root_key\u0058\u0040ab"], ["a key that is no byte string", "replica_health_status\u0068root_keyabc"],
  ])("%s is refused", async (_, body) => expect(fetchRootKey(await answering(Buffer.from(body)))).rejects.toMatchObject({ code: "ICX2010" }));
});
