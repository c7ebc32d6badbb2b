import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { readDescriptor, type Descriptor } from "./descriptor.ts";
import type { NetworkFolder } from "./networkFolder.ts";
import { isRunning } from "./probe.ts";
import { stateError } from "./stateError.ts";

const START_TIMEOUT_MS = 60_000, POLL_MS = 25, LOG_BYTES_MAX = 10_000_000, LOG_TAIL_LINES = 20;

/** Starts `icx start` as a process of its own that outlives this one, and waits until it answers. @throws IcxError ICX2005 or what the process said */
export async function startInBackground(place: NetworkFolder, installation: string, cwd: string, argv: readonly string[], env: Readonly<Record<string, string | undefined>>): Promise<Descriptor> {
  const log = openLog(place), began = statSync(place.log).size;
  const child = spawn(process.execPath, [join(installation, "bin", "icx.js"), "start", ...argv], { cwd, env: { ...env }, detached: true, windowsHide: true, stdio: ["ignore", log, log] });
  closeSync(log);
  let ended: string | undefined;
  child.once("exit", (code, signal) => { ended = signal ?? `exit code ${code}`; });
  child.once("error", (error) => { ended = error.message; });
  for (const deadline = performance.now() + START_TIMEOUT_MS; performance.now() < deadline; await delay(POLL_MS)) {
    const over = ended, descriptor = readDescriptor(place.descriptor);
    if (over !== undefined) {
      if (over === "exit code 0" && descriptor !== undefined && await isRunning(descriptor)) return descriptor; // another command was first
      throw failure(place.log, began, over);
    }
    if (descriptor !== undefined && descriptor.pid === child.pid && await isRunning(descriptor)) {
      child.unref();
      return descriptor;
    }
  }
  child.kill();
  throw failure(place.log, began, `no answer within ${START_TIMEOUT_MS / 1_000} s`);
}

function openLog(place: NetworkFolder): number {
  try {
    mkdirSync(place.folder, { recursive: true });
    if (existsSync(place.log) && statSync(place.log).size > LOG_BYTES_MAX) renameSync(place.log, `${place.log}.1`);
    return openSync(place.log, "a");
  } catch (cause) { throw stateError(cause, place.folder) ?? cause; }
}

/** The process's own coded error if it printed one, else the end of its log. */
function failure(log: string, began: number, ended: string): IcxError {
  const written = readFileSync(log).subarray(began).toString("utf8"), coded = /^Error (ICX\d{4}): (.*)(?:\n {2}Cause: [^]*?)?\n {2}(?!Cause: )(.*)$/m.exec(written);
  if (coded !== null) return new IcxError({ code: coded[1] as `ICX${number}`, message: coded[2]!, hint: coded[3]! });
  const tail = written.trimEnd().split("\n").slice(-LOG_TAIL_LINES).join("\n");
  return new IcxError(ERRORS.network.startFailed, { reason: tail === "" ? ended : `${ended}\n${tail}`, log });
}
