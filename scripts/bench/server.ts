/** The other process of the HTTP rows: a durable network behind a socket, of as many application subnets, and virtual nodes each, as its arguments say. Says where on stdout; ends with its standard input. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startNetwork } from "../../src/index.ts";

const stateDir = mkdtempSync(join(tmpdir(), "icx-bench-"));
const subnets = Array.from({ length: Number(process.argv[2] ?? 1) }, () => ({ type: "application" as const }));
const network = await startNetwork({ stateDir, subnets, nodes: Number(process.argv[3] ?? 1), workers: process.argv[4] === "workers" });
const { url } = await network.listen({ port: 0 });
process.stdout.write(`${JSON.stringify({ url, rootKey: Buffer.from(network.rootKey).toString("hex"), effectiveCanisterId: network.defaultEffectiveCanisterId, subnets: network.subnets.map(({ effectiveCanisterId }) => effectiveCanisterId) })}\n`);
process.stdin.resume();
process.stdin.on("data", () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  process.stdout.write(`${JSON.stringify({ peakRssKiB: maxRSS, cpuMs: (userCPUTime + systemCPUTime) / 1000 })}\n`);
});
process.stdin.once("end", async () => {
  await network.stop();
  rmSync(stateDir, { recursive: true, force: true });
  process.exit(0);
});
