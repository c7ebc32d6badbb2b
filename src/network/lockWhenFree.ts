import { mkdirSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { readDescriptor, type Descriptor } from "./descriptor.ts";
import { tryLock } from "./lock.ts";
import type { NetworkFolder } from "./networkFolder.ts";
import { isRunning } from "./probe.ts";
import { stateError } from "./stateError.ts";

const POLL_MS = 20, NOTE_AFTER_MS = 1_000, TIMEOUT_MS = 5 * 60_000;

/** How somebody waits for a network's folder. */
export interface Waiting {
  readonly interrupted: AbortSignal;
  /** Told once, when it takes longer than a second. */
  readonly note: (text: string) => void;
  /** How long at most. Default: five minutes. */
  readonly timeoutMs?: number | undefined;
  /** What the lock is taken for; absent: to run a network. */
  readonly use?: "command";
}

/**
 * The lock of a network's folder as soon as nobody holds it; or the network that runs there by then. Commands that use the state directly hold
 * the lock while they work. @throws IcxError ICX2007, ICX2015, ICX2016, ICX9003
 */
export async function lockWhenFree(place: NetworkFolder, { interrupted, note, timeoutMs = TIMEOUT_MS, use }: Waiting): Promise<Disposable | Descriptor> {
  const began = performance.now();
  for (let told = false; ;) {
    const taken = lock(place, use);
    if (!("pid" in taken)) return taken;
    const running = readDescriptor(place.descriptor);
    if (running !== undefined && await isRunning(running)) return running;
    const waited = performance.now() - began;
    if (waited >= timeoutMs) throw new IcxError(ERRORS.network.locked, { pid: taken.pid, folder: place.folder });
    if (!told && waited >= NOTE_AFTER_MS) {
      told = true;
      note(`Waiting for ${taken.use === "command" ? "another command" : "a network"} (pid ${taken.pid}) that uses the state in ${place.folder}.`);
    }
    try { await delay(POLL_MS, undefined, { signal: interrupted }); } catch { throw new IcxError(ERRORS.internal.interrupted); }
  }
}

function lock(place: NetworkFolder, use: Waiting["use"]): ReturnType<typeof tryLock> {
  try {
    mkdirSync(place.folder, { recursive: true });
    return tryLock(place.lock, use);
  } catch (cause) { throw stateError(cause, place.folder) ?? cause; }
}
