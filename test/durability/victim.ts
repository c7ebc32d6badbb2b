/**
 * A durable network that a test kills: `node victim.ts STATE_DIR`. One JSON line when it serves, one for every committed height with the
 * digest of the whole state at it (replayed heights included), one with the error when it cannot start.
 */
import { startNetwork } from "../../src/index.ts";

const say = (line: unknown): void => { process.stdout.write(`${JSON.stringify(line)}\n`); };
const stateDir = process.argv[2]!;
try {
  const network = await startNetwork({
    stateDir,
    idleBlockIntervalMs: 100,
    log: (line) => { if (line.event === "committed") say({ committed: { subnet: line.subnet, height: line.height, stateHash: line["stateHash"] } }); },
  });
  const { url } = await network.listen({ port: 0 });
  say({ serving: { url, rootKey: Buffer.from(network.rootKey).toString("hex"), effectiveCanisterId: network.defaultEffectiveCanisterId, stateHash: network.stateHash() } });
  process.once("SIGTERM", () => { void network.stop().then(() => process.exit(0)); });
} catch (error) {
  say({ failed: { name: (error as Error).name, code: (error as { code?: string }).code, message: (error as Error).message } });
  process.exitCode = 1;
}
