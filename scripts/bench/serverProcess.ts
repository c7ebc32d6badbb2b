import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** A network in another process, its state on disk as by default. */
export interface Server { readonly url: string; readonly rootKey: Uint8Array; readonly effectiveCanisterId: string; usage(): Promise<{ readonly peakRssMiB: number; readonly cpuMs: number }>; close(): Promise<void> }

/** @param nodes virtual nodes of each subnet */
export async function startServer(nodes = 1): Promise<Server> {
  const child = spawn(process.execPath, ["scripts/bench/server.ts", "1", String(nodes)], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async <T>(): Promise<T> => JSON.parse((await lines.next()).value as string) as T;
  const hello = await next<{ url: string; rootKey: string; effectiveCanisterId: string }>();
  return {
    url: hello.url, rootKey: new Uint8Array(Buffer.from(hello.rootKey, "hex")), effectiveCanisterId: hello.effectiveCanisterId,
    async usage() {
      child.stdin.write("?");
      const { peakRssKiB, cpuMs } = await next<{ peakRssKiB: number; cpuMs: number }>();
      return { peakRssMiB: peakRssKiB / 1024, cpuMs };
    },
    close: () => new Promise((resolve) => { child.once("exit", () => resolve()); child.stdin.end(); }),
  };
}
