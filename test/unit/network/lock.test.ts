import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readDescriptor, writeDescriptor } from "../../../src/network/descriptor.ts";
import { lockHolder, takeLock } from "../../../src/network/lock.ts";
import { isRunning, probe } from "../../../src/network/probe.ts";
import { birthOf, isAlive, portHolder } from "../../../src/network/processes.ts";
import { temporaryFolder } from "../../cli/run.ts";

describe("the lock of a network folder", () => {
  test("is held once and given back", () => {
    using folder = temporaryFolder();
    const file = join(folder.path, "lock");
    {
      using _ = takeLock(file);
      expect(lockHolder(file)?.pid).toBe(process.pid);
      expect(() => takeLock(file)).toThrowError(expect.objectContaining({ code: "ICX2007" }) as Error);
    }
    expect(existsSync(file)).toBe(false);
    takeLock(file)[Symbol.dispose]();
  });
  test("of a killed process is taken over", async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, "lock"), child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    writeFileSync(file, JSON.stringify({ pid: child.pid }));
    expect(() => takeLock(file)).toThrowError(expect.objectContaining({ code: "ICX2007" }) as Error);
    child.kill("SIGKILL");
    await once(child, "exit");
    using _ = takeLock(file);
    expect(lockHolder(file)?.pid).toBe(process.pid);
  });
  test.skipIf(birthOf(process.pid) === undefined)("of an earlier process with the same id is taken over", () => {
    using folder = temporaryFolder();
    const file = join(folder.path, "lock");
    writeFileSync(file, JSON.stringify({ pid: process.pid, birth: "1" }));
    takeLock(file)[Symbol.dispose]();
  });
  test("that is no lock at all is taken over", () => {
    using folder = temporaryFolder();
    const file = join(folder.path, "lock");
    writeFileSync(file, "{");
    takeLock(file)[Symbol.dispose]();
  });
});

describe("who is there", () => {
  test("processes and ports", async () => {
    expect(isAlive(process.pid)).toBe(true);
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    if (process.platform === "linux") expect(portHolder(port)).toContain(`(pid ${process.pid})`);
    server.close();
    await once(server, "close");
    expect(portHolder(port)).toBeUndefined();
    expect(await probe(`http://127.0.0.1:${port}`)).toMatchObject({ kind: "nothing", reason: "ECONNREFUSED" });
  });
  test("a descriptor is believed when its own network answers, not when something does", async () => {
    const { createServer: createHttp } = await import("node:http");
    const rootKey = "ab".repeat(133);
    let body = Buffer.concat([Buffer.from("replica_health_status"), Buffer.from(rootKey, "hex")]);
    const server = createHttp((_, response) => response.end(body)).listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await isRunning({ url, rootKey })).toBe(true);
    expect(await isRunning({ url, rootKey: "cd".repeat(133) })).toBe(false);
    body = Buffer.from("<html>");
    expect(await isRunning({ url, rootKey })).toBe(false);
    server.close();
    server.closeAllConnections();
  });
  test("a descriptor that is not whole is none", () => {
    using folder = temporaryFolder();
    const file = join(folder.path, "network.json");
    expect(readDescriptor(file)).toBeUndefined();
    for (const content of ["", "null", "{\"pid\":1", "{\"pid\":\"1\",\"url\":\"x\",\"rootKey\":\"00\"}", "{\"pid\":1,\"url\":\"x\",\"rootKey\":\"zz\"}"]) {
      writeFileSync(file, content);
      expect(readDescriptor(file), content).toBeUndefined();
    }
    const descriptor = { pid: 1, url: "http://x", port: 1, rootKey: "00", effectiveCanisterId: "", startedAt: "", version: "" };
    writeDescriptor(file, descriptor);
    expect(readDescriptor(file)).toEqual(descriptor);
  });
});
