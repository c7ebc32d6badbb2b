import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface Serving { readonly url: string; readonly rootKey: string; readonly effectiveCanisterId: string; readonly stateHash: string }
export interface Failed { readonly name: string; readonly code?: string; readonly message: string }
interface Line { readonly serving?: Serving; readonly failed?: Failed; readonly committed?: { readonly subnet: string; readonly height: number; readonly stateHash: string } }

/** A victim and what it has said so far. */
export interface Victim {
  readonly process: ChildProcess;
  /** Digest of the whole state by `subnet@height`, of every height that this process committed or replayed. */
  readonly hashes: ReadonlyMap<string, string>;
  /** Resolves when it serves; rejects with what it said when it cannot. */
  readonly serving: Promise<Serving>;
  /** SIGKILL, and wait for the end. */
  kill(): Promise<void>;
  /** SIGTERM, and wait for the end. */
  stop(): Promise<void>;
}

export class VictimFailed extends Error {
  readonly failed: Failed;
  constructor(failed: Failed) { super(failed.message); this.failed = failed; }
}

export function startVictim(stateDir: string, nodeArguments: readonly string[] = []): Victim {
  const child = spawn(process.execPath, [...nodeArguments, fileURLToPath(new URL("victim.ts", import.meta.url)), stateDir], { stdio: ["ignore", "pipe", "inherit"] });
  const hashes = new Map<string, string>();
  const ended = once(child, "exit");
  const { promise: serving, resolve, reject } = Promise.withResolvers<Serving>();
  serving.catch(() => undefined);
  createInterface({ input: child.stdout }).on("line", (text) => {
    const line = JSON.parse(text) as Line;
    if (line.committed !== undefined) hashes.set(`${line.committed.subnet}@${line.committed.height}`, line.committed.stateHash);
    if (line.serving !== undefined) resolve(line.serving);
    if (line.failed !== undefined) reject(new VictimFailed(line.failed));
  });
  void ended.then(([code]) => reject(new VictimFailed({ name: "Exit", message: `the victim ended with ${String(code)} before it served` })));
  const end = async (signal: NodeJS.Signals): Promise<void> => { child.kill(signal); await ended; };
  return { process: child, hashes, serving, kill: () => end("SIGKILL"), stop: () => end("SIGTERM") };
}
