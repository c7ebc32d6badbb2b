import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { Report } from "../context/events.ts";
import type { CandidAnswer } from "./candidWorker.ts";
import { writeWhole } from "./writeWhole.ts";

const TIME_MAX_MS = 10_000;

/**
 * The interface that a Rust canister carries (`ic_cdk::export_candid!()`): its export `get_candid_pointer` is run, in a thread of its own that knows
 * no network and is ended when it takes too long. Undefined for a module without that export.
 */
export function extractCandid(wasm: Uint8Array, timeMs: number = TIME_MAX_MS): Promise<CandidAnswer> {
  const file = import.meta.url.endsWith(".ts") ? "./candidWorker.ts" : "./candidWorker.js";
  const worker = new Worker(new URL(file, import.meta.url), { stdout: true, stderr: true });
  return new Promise<CandidAnswer>((resolve) => {
    const late = setTimeout(() => resolve({ kind: "failed", reason: `it did not answer within ${timeMs / 1_000} s` }), timeMs);
    const answer = (given: CandidAnswer): void => { clearTimeout(late); resolve(given); };
    worker.once("message", answer);
    worker.once("error", (error: unknown) => answer({ kind: "failed", reason: error instanceof Error ? error.message : String(error) }));
    worker.once("exit", (code) => answer({ kind: "failed", reason: `its thread ended with code ${code}` }));
    worker.postMessage(wasm);
  }).finally(() => worker.terminate());
}

/** The same, kept by the module's content. A module that cannot tell its interface is told as a warning and has none. */
export async function cachedCandid(wasm: Uint8Array, { name, cacheFolder, report }: { readonly name: string; readonly cacheFolder: string; readonly report: Report }): Promise<string | undefined> {
  const file = join(cacheFolder, "candid", `${createHash("sha256").update(wasm).digest("hex")}.did`);
  if (existsSync(file)) return readFileSync(file, "utf8") || undefined;
  const answer = await extractCandid(wasm);
  if (answer.kind === "failed") { report({ kind: "warning", text: `The interface of ${name} could not be read from its module: ${answer.reason}.` }); return undefined; }
  writeWhole(file, answer.kind === "found" ? answer.candid : "");
  return answer.kind === "found" ? answer.candid : undefined;
}
