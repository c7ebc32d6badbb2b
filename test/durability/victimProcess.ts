import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface Serving { readonly url: string; readonly rootKey: string; readonly effectiveCanisterId: string; readonly stateHash: string }
export interface Failed { readonly name: string; readonly code?: string; readonly message: string }
interface Line { readonly serving?: Serving; readonly failed?: Failed; readonly warning?: string; readonly committed?: { readonly subnet: string; readonly height: number; readonly stateHash: string } }

/** A victim and what it has said so far. */
export interface Victim {
  readonly process: ChildProcess;
  /** Digest of the whole state by `subnet@height`, of every height that this process committed or replayed. */
  readonly hashes: ReadonlyMap<string, string>;
  readonly warnings: readonly string[];
  /** Resolves with the warning that a subnet stopped. */
  readonly halted: Promise<string>;
  /** Resolves when it serves; rejects with what it said when it cannot. */
  readonly serving: Promise<Serving>;
  /** SIGKILL, and wait for the end. */
  kill(): Promise<void>;
  /** SIGTERM, and wait for the end. */
  stop(): Promise<readonly [code: number | null]>;
}

export class VictimFailed extends Error {
  readonly failed: Failed;
  constructor(failed: Failed) { super(failed.message); this.failed = failed; }
}

/** @param limits what the shell sets before it: `ulimit -f 800` makes every file full at 400 KiB (dash) or 800 KiB (bash) */
export function startVictim(stateDir: string, limits = ""): Victim {
  const argv = [process.execPath, fileURLToPath(new URL("victim.ts", import.meta.url)), stateDir];
  const child = limits === "" ? spawn(argv[0]!, argv.slice(1), { stdio: ["ignore", "pipe", "inherit"] })
    : spawn("sh", ["-c", `${limits}; exec "$0" "$@"`, ...argv], { stdio: ["ignore", "pipe", "inherit"] });
  const hashes = new Map<string, string>(), warnings: string[] = [], { promise: halted, resolve: warn } = Promise.withResolvers<string>();
  const ended = once(child, "exit");
  const { promise: serving, resolve, reject } = Promise.withResolvers<Serving>();
  serving.catch(() => undefined);
  createInterface({ input: child.stdout }).on("line", (text) => {
    const line = JSON.parse(text) as Line;
    if (line.committed !== undefined) hashes.set(`${line.committed.subnet}@${line.committed.height}`, line.committed.stateHash);
    if (line.warning !== undefined) { warnings.push(line.warning); if (/stopped at height/.test(line.warning)) warn(line.warning); }
    if (line.serving !== undefined) resolve(line.serving);
    if (line.failed !== undefined) reject(new VictimFailed(line.failed));
  });
  void ended.then(([code]) => reject(new VictimFailed({ name: "Exit", message: `the victim ended with ${String(code)} before it served` })));
  const end = async (signal: NodeJS.Signals): Promise<readonly [code: number | null]> => { child.kill(signal); return [(await ended)[0] as number | null]; };
  return { process: child, hashes, warnings, halted, serving, kill: async () => { await end("SIGKILL"); }, stop: () => end("SIGTERM") };
}
