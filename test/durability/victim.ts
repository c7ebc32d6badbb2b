/**
 * A durable network that a test kills: `node victim.ts STATE_DIR`. One JSON line when it serves, one for every height that is certified and
 * on disk, with the digest of the whole state at it (replayed heights included), one for every warning, one with the error when it cannot start or stop.
 */
import { flushCompileCache } from "node:module";
import { startNetwork } from "../../src/index.ts";

const say = (line: unknown): void => { process.stdout.write(`${JSON.stringify(line)}\n`); };
const failed = (error: unknown): void => say({ failed: { name: (error as Error).name, code: (error as { code?: string }).code, message: (error as Error).message } });
const stateDir = process.argv[2]!;
const computed = new Map<string, unknown>();
try {
  const network = await startNetwork({
    stateDir,
    idleBlockIntervalMs: 100,
    // Kills also meet checkpoints, catch-up packages and trimmed journals.
    dkgInterval: { heights: 20, ms: 0 },
    onEvent: (event) => { if (event.kind === "warning") say({ warning: event.text }); },
    log: (line) => {
      const at = `${String(line.subnet)}@${String(line.height)}`;
      if (line.event === "loaded") say({ committed: { subnet: line.subnet, height: line.height, stateHash: line["stateHash"] } });
      if (line.event === "committed") computed.set(at, line["stateHash"]);
      // A height that was computed and not written is nobody's promise: the next life may put another block there.
      if (line.event === "disclosed" && computed.has(at)) say({ committed: { subnet: line.subnet, height: line.height, stateHash: computed.get(at) } });
    },
  });
  const { url } = await network.listen({ port: 0 });
  say({ serving: { url, rootKey: Buffer.from(network.rootKey).toString("hex"), effectiveCanisterId: network.defaultEffectiveCanisterId, stateHash: network.stateHash() } });
  flushCompileCache(); // it will be killed, and the next one starts sooner
  process.once("SIGTERM", () => { network.stop().then(() => process.exit(0), (error: unknown) => { failed(error); process.exit(1); }); });
} catch (error) {
  failed(error);
  process.exitCode = 1;
}
