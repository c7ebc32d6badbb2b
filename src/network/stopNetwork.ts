import { existsSync, rmSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { readDescriptor } from "./descriptor.ts";
import { lockHolder } from "./lock.ts";
import type { NetworkFolder } from "./networkFolder.ts";
import { isAlive } from "./processes.ts";
import { stateError } from "./stateError.ts";

const STOP_TIMEOUT_MS = 30_000, POLL_MS = 20;

/**
 * Asks the network's process to end and waits until it has. What a killed process left behind is cleared away. Gives what was
 * running and whether its state is on disk, or undefined. @throws IcxError ICX2006, ICX2016
 */
export async function stopNetwork(place: NetworkFolder): Promise<{ readonly pid: number; readonly kept: boolean } | undefined> {
  const descriptor = readDescriptor(place.descriptor), holder = lockHolder(place.lock);
  if (holder === undefined || holder.use === "command") { // a command ends by itself
    try {
      for (const file of holder === undefined ? [place.descriptor, place.lock] : [place.descriptor]) if (existsSync(file)) rmSync(file, { force: true }); // a folder that cannot be is no failure: nothing runs there
    } catch (cause) { throw stateError(cause, place.folder) ?? cause; }
    return undefined;
  }
  process.kill(holder.pid, "SIGTERM");
  for (const deadline = performance.now() + STOP_TIMEOUT_MS; performance.now() < deadline; await delay(POLL_MS)) {
    if (!isAlive(holder.pid)) {
      rmSync(place.descriptor, { force: true });
      return { pid: holder.pid, kept: descriptor === undefined || descriptor.stateDir !== undefined };
    }
  }
  throw new IcxError(ERRORS.network.stopFailed, { pid: holder.pid, seconds: STOP_TIMEOUT_MS / 1_000, log: place.log });
}
