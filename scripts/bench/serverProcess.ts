import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** A network in another process, its state on disk as by default. */
export interface Server { readonly url: string; readonly rootKey: Uint8Array; readonly effectiveCanisterId: string; /** One of each application subnet and of the root, as `Network.subnets` tells them. */ readonly subnets: readonly string[]; usage(): Promise<{ readonly peakRssMiB: number; readonly cpuMs: number }>; close(): Promise<void> }

/** @param nodes virtual nodes of each subnet; @param subnets application subnets */
export async function startServer(nodes = 1, subnets = 1): Promise<Server> {
  const child = spawn(process.execPath, ["scripts/bench/server.ts", String(subnets), String(nodes)], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async <T>(): Promise<T> => JSON.parse((await lines.next()).value as string) as T;
  const hello = await next<{ url: string; rootKey: string; effectiveCanisterId: string; subnets: readonly string[] }>();
  return {
    url: hello.url, rootKey: new Uint8Array(Buffer.from(hello.rootKey, "hex")), effectiveCanisterId: hello.effectiveCanisterId, subnets: hello.subnets,
    async usage() {
      child.stdin.write("?");
      const { peakRssKiB, cpuMs } = await next<{ peakRssKiB: number; cpuMs: number }>();
      return { peakRssMiB: peakRssKiB / 1024, cpuMs };
    },
    close: () => new Promise((resolve) => { child.once("exit", () => resolve()); child.stdin.end(); }),
  };
}
