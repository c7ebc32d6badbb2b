import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Report } from "../context/events.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { writeWhole } from "./writeWhole.ts";

export interface DownloadJob {
  /** `https:`, `file:`, or `http:` with a hash or on this machine: the manifest names it. */
  readonly url: string;
  /** Hex; with it the module is fetched once and kept. */
  readonly sha256: string | undefined;
  readonly name: string;
  readonly cacheFolder: string;
  readonly report: Report;
  readonly interrupted?: AbortSignal | undefined;
}

const BYTES_MAX = 100 * 1024 * 1024; // the largest module that the IC installs
const SECONDS_MAX = 120;
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** Gets a module from the address that the manifest names, and checks its hash. @throws IcxError ICX4007 for another hash, ICX4012 when it cannot be had */
export async function download({ url, sha256, name, cacheFolder, report, interrupted }: DownloadJob): Promise<Uint8Array> {
  const expected = sha256?.toLowerCase(), kept = expected === undefined ? undefined : join(cacheFolder, "downloads", `${expected}.wasm`);
  if (kept !== undefined && existsSync(kept)) {
    const module = Uint8Array.from(readFileSync(kept));
    if (hash(module) === expected) return module; // otherwise somebody has changed the cache: fetched again
  }
  const module = await get({ url, name, sha256, interrupted }), actual = hash(module);
  if (expected !== undefined && expected !== actual) throw new IcxError(ERRORS.build.hashMismatch, { name, actual, expected });
  if (kept === undefined) report({ kind: "warning", text: `The module of ${name} is downloaded for each build and not checked. Add \`sha256: ${actual}\` to its step.` });
  else writeWhole(kept, module);
  return module;
}

const hash = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

async function get({ url, name, sha256, interrupted }: Pick<DownloadJob, "url" | "name" | "sha256" | "interrupted">): Promise<Uint8Array> {
  const fail = (reason: string, cause?: unknown): IcxError => new IcxError(ERRORS.build.downloadFailed, { name, url, reason }, { cause, details: { canister: name, url } });
  const address = URL.parse(url);
  if (address === null) throw fail("it is not a URL");
  if (address.protocol === "file:") {
    try { return Uint8Array.from(readFileSync(fileURLToPath(address))); } catch (cause) { throw fail((cause as NodeJS.ErrnoException).code ?? String(cause), cause); }
  }
  if (address.protocol !== "https:" && address.protocol !== "http:") throw fail(`${address.protocol} is not supported`);
  if (address.protocol === "http:" && sha256 === undefined && !LOOPBACK.test(address.hostname)) throw fail("over http: a module is taken only with its `sha256`");
  try {
    const response = await fetch(address, { signal: AbortSignal.any([AbortSignal.timeout(SECONDS_MAX * 1_000), ...(interrupted === undefined ? [] : [interrupted])]) });
    if (!response.ok) throw fail(`the server answered ${response.status}`);
    const { protocol, hostname } = new URL(response.url); // after redirects
    if (protocol === "http:" && sha256 === undefined && !LOOPBACK.test(hostname)) throw fail("it is redirected to http:");
    const parts: Uint8Array[] = [];
    let size = 0;
    for await (const part of response.body ?? []) {
      if ((size += part.length) > BYTES_MAX) throw fail(`it is larger than ${BYTES_MAX / 1024 / 1024} MiB`);
      parts.push(part);
    }
    return Uint8Array.from(Buffer.concat(parts));
  } catch (error) {
    if (error instanceof IcxError) throw error;
    if (interrupted?.aborted === true) throw new IcxError(ERRORS.internal.interrupted);
    const { cause, message } = error as Error & { readonly cause?: { readonly code?: string } };
    throw fail(cause?.code ?? message, error);
  }
}
