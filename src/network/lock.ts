import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { birthOf, isAlive } from "./processes.ts";

/** Who has a lock. */
export interface Holder { readonly pid: number; readonly birth?: string; /** A command that uses the state directly; absent: a network. */ readonly use?: "command" }

/** Takes the lock of a network folder until it is disposed. A lock whose process is gone is taken over. @throws IcxError ICX2007 */
export function takeLock(file: string): Disposable {
  const taken = tryLock(file);
  if ("pid" in taken) throw new IcxError(ERRORS.network.locked, { pid: taken.pid, folder: dirname(file) });
  return taken;
}

/** Takes the lock, or says which living process has it. */
export function tryLock(file: string, use?: Holder["use"]): Disposable | Holder {
  mkdirSync(dirname(file), { recursive: true });
  const birth = birthOf(process.pid), mine = `${file}.${process.pid}`;
  writeFileSync(mine, JSON.stringify({ pid: process.pid, ...(birth === undefined ? {} : { birth }), ...(use !== undefined && { use }) }));
  try {
    for (;;) {
      try { linkSync(mine, file); break; } catch (error) { if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error; }
      const holder = lockHolder(file);
      if (holder !== undefined) return holder;
      const stale = `${file}.stale.${process.pid}`; // renamed first: of two that find it stale, one wins
      try { renameSync(file, stale); rmSync(stale, { force: true }); } catch { /* somebody else took it away */ }
    }
  } finally { rmSync(mine, { force: true }); }
  return { [Symbol.dispose]: () => { if (lockHolder(file)?.pid === process.pid) rmSync(file, { force: true }); } };
}

/** The living process that holds the lock; undefined when it is free or stale. */
export function lockHolder(file: string): Holder | undefined {
  try {
    const holder = JSON.parse(readFileSync(file, "utf8")) as Partial<Holder>;
    if (typeof holder.pid !== "number" || !isAlive(holder.pid)) return undefined;
    const birth = birthOf(holder.pid);
    return holder.birth !== undefined && birth !== undefined && birth !== holder.birth ? undefined : { ...holder, pid: holder.pid };
  } catch { return undefined; }
}
