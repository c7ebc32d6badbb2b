import { createRequire } from "node:module";
import { parentPort } from "node:worker_threads";

/** What the thread is asked: one program. */
export interface MotokoJob { readonly files: Readonly<Record<string, string>>; readonly main: string; readonly packages: Readonly<Record<string, string>>; readonly flags: readonly string[] }
/** A message of the compiler; lines and characters count from zero. */
export interface MotokoDiagnostic {
  readonly source: string; readonly severity: number; readonly code: string; readonly category: string; readonly message: string;
  readonly range: { readonly start: { readonly line: number; readonly character: number }; readonly end: { readonly line: number; readonly character: number } };
}
/** What it answers: `code` is absent when there were errors; `crash` when the compiler itself gave up. */
export type MotokoAnswer =
  | { readonly kind: "done"; readonly diagnostics: readonly MotokoDiagnostic[]; readonly code: { readonly wasm: Uint8Array; readonly candid: string; readonly stable: string } | null }
  | { readonly kind: "crash"; readonly reason: string };

interface Compiler {
  saveFile(path: string, content: string): void; clearPackage(): void; addPackage(name: string, folder: string): void; setPublicMetadata(names: readonly string[]): void;
  setExtraFlags(flags: readonly string[]): void;
  compileWasm(mode: "ic", path: string): { readonly diagnostics: readonly MotokoDiagnostic[]; readonly code: { readonly wasm: Uint8Array; readonly candid: string; readonly stable: string } | null };
}

const require = createRequire(import.meta.url);
const compiler = (require("motoko") as { readonly compiler: Compiler }).compiler;
const core = require("motoko/packages/latest/core.json") as { readonly files: Readonly<Record<string, { readonly content: string }>> };
const CORE_FOLDER = ".icx-core"; // in the compiler's file system; no project can have it by accident
for (const [path, { content }] of Object.entries(core.files)) compiler.saveFile(`${CORE_FOLDER}/${path}`, content);
compiler.setPublicMetadata(["candid:service", "candid:args"]);

function compile({ files, main, packages, flags }: MotokoJob): MotokoAnswer {
  compiler.clearPackage();
  for (const [name, folder] of Object.entries({ core: CORE_FOLDER, ...packages })) compiler.addPackage(name, folder);
  for (const [path, content] of Object.entries(files)) compiler.saveFile(path, content);
  compiler.setExtraFlags(flags);
  const { diagnostics, code } = compiler.compileWasm("ic", main);
  return { kind: "done", diagnostics, code: code === null ? null : { wasm: Uint8Array.from(code.wasm), candid: code.candid, stable: code.stable } };
}

/** js_of_ocaml throws OCaml exceptions as nested arrays. */
const describe = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : Array.isArray(thrown) ? thrown.flat(9).filter((part) => typeof part === "string").join(": ") : String(thrown));

parentPort?.on("message", (job: MotokoJob) => {
  let answer: MotokoAnswer;
  try { answer = compile(job); } catch (thrown) { answer = { kind: "crash", reason: describe(thrown) }; }
  parentPort?.postMessage(answer);
});
