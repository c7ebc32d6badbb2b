import { closeSync, fsyncSync, linkSync, openSync, readFileSync, renameSync, rmSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { StoreFailure } from "./storeFailure.ts";

/**
 * One process per directory. The lock file names its owner's process id and when that process started, so that a lock survives neither
 * its owner's death nor the reuse of the number, and a torn or empty lock file locks nobody out.
 */
interface Owner { readonly pid: number; /** Boot and start tick where the system tells them; empty elsewhere. */ readonly started: string }

const LOCK = "lock";
/** Directories that this very process holds: its own id in a lock file is otherwise no proof. */
const held = new Set<string>();

const read = (path: string): string => { try { return readFileSync(path, "utf8"); } catch { return ""; } };

/** proc(5): field 22 of /proc/<pid>/stat; the name before it may contain blanks. A process that ended and was not waited for is dead. */
function startOf(pid: number): string {
  const stat = read(`/proc/${pid}/stat`), fields = stat.slice(stat.lastIndexOf(")") + 2).split(" "), tick = fields[19];
  if (fields[0] === "Z" || fields[0] === "X") return "dead";
  return tick === undefined ? "" : `${read("/proc/sys/kernel/random/boot_id").trim()} ${tick}`;
}

function ownerOf(text: string): Owner | undefined {
  try {
    const { pid, started } = JSON.parse(text) as Owner;
    return Number.isInteger(pid) && pid > 0 ? { pid, started } : undefined;
  } catch {
    return undefined;
  }
}

function lives({ pid, started }: Owner, directory: string): boolean {
  if (pid === process.pid) return held.has(directory);
  try { process.kill(pid, 0); } catch (error) { if ((error as NodeJS.ErrnoException).code !== "EPERM") return false; }
  return started === "" || started === startOf(pid);
}

/** Takes the directory. @returns what gives it back @throws StoreFailure `locked` with the owner's process id, or what the disk said */
export function lockDirectory(directory: string): () => void {
  const path = join(directory, LOCK), mine = `${path}.${process.pid}`;
  const locked = (pid: number): StoreFailure => new StoreFailure({ code: "locked", directory, detail: String(pid) });
  if (held.has(directory)) throw locked(process.pid);
  // A whole file under another name is linked into place, so that a lock is never seen half-written.
  const file = openSync(mine, "w", 0o600);
  try { writeSync(file, JSON.stringify({ pid: process.pid, started: startOf(process.pid) } satisfies Owner)); fsyncSync(file); } finally { closeSync(file); }
  try {
    for (;;) {
      try { linkSync(mine, path); break; } catch (error) { if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error; }
      const text = read(path), owner = ownerOf(text);
      if (owner !== undefined && lives(owner, directory)) throw locked(owner.pid);
      takeAway(path, text);
    }
    held.add(directory);
  } finally {
    rmSync(mine, { force: true });
  }
  return () => { if (held.delete(directory)) rmSync(path, { force: true }); };
}

/** A process that was killed just now takes a moment to be gone; an owner that is still there after this long stays. */
const DYING_MS = 1000, ASK_EVERY_MS = 25;

/** As `lockDirectory`, with patience for an owner that is ending. */
export async function lockDirectorySoon(directory: string): Promise<() => void> {
  for (let waited = 0; ; waited += ASK_EVERY_MS) {
    try { return lockDirectory(directory); } catch (error) {
      const own = held.has(directory), locked = error instanceof StoreFailure && error.error.code === "locked";
      if (!locked || own || waited >= DYING_MS) throw error;
    }
    await new Promise<void>((resolve) => { setTimeout(resolve, ASK_EVERY_MS); });
  }
}

/** Removes a dead owner's lock, and puts back what another process locked in between. */
function takeAway(path: string, expected: string): void {
  const aside = `${path}.stale.${process.pid}`;
  try { renameSync(path, aside); } catch (error) { if ((error as NodeJS.ErrnoException).code === "ENOENT") return; throw error; }
  if (read(aside) !== expected) { try { linkSync(aside, path); } catch { /* a third process locked it: that one's lock stands */ } }
  unlinkSync(aside);
}
