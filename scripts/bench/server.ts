/** The other process of the HTTP rows: a durable network behind a socket. Says where on stdout; ends with its standard input. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startNetwork } from "../../src/index.ts";

const stateDir = mkdtempSync(join(tmpdir(), "icx-bench-"));
const network = await startNetwork({ stateDir });
const { url } = await network.listen({ port: 0 });
process.stdout.write(`${JSON.stringify({ url, rootKey: Buffer.from(network.rootKey).toString("hex"), effectiveCanisterId: network.defaultEffectiveCanisterId })}\n`);
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
