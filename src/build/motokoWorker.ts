import { createRequire } from "node:module";
import { parentPort } from "node:worker_threads";
import { bundledFiles } from "./bundledPackages.ts";
import type { BundledPackage } from "./motokoSources.ts";

/** What the thread is asked: one program. */
export interface MotokoJob {
  readonly files: Readonly<Record<string, string>>;
  readonly main: string;
  readonly packages: Readonly<Record<string, string>>;
  /** Packages that come with icx and are used. */
  readonly bundled: readonly BundledPackage[];
  readonly flags: readonly string[];
  /** Sections to make public besides the usual ones. */
  readonly metadata: readonly string[];
  /** What `canister:` imports stand for: alias and id; the interfaces are files of the folder, one an id. */
  readonly actors: { readonly folder: string; readonly aliases: readonly (readonly [alias: string, id: string])[] };
}
/** A message of the compiler; lines and characters count from zero. */
export interface MotokoDiagnostic {
  readonly source: string; readonly severity: number; readonly code: string; readonly category: string; readonly message: string;
  readonly range: { readonly start: { readonly line: number; readonly character: number }; readonly end: { readonly line: number; readonly character: number } };
}
/** What it answers: `code` is absent when there were errors; `crash` when the compiler itself gave up. */
export type MotokoAnswer =
  | { readonly kind: "done"; readonly diagnostics: readonly MotokoDiagnostic[]; readonly code: { readonly wasm: Uint8Array; readonly candid: string; readonly stable: string } | null }
  | { readonly kind: "unknownFlag"; readonly flag: string }
  | { readonly kind: "crash"; readonly reason: string };

interface Compiler {
  saveFile(path: string, content: string): void; clearPackage(): void; addPackage(name: string, folder: string): void; setPublicMetadata(names: readonly string[]): void;
  setExtraFlags(flags: readonly string[]): void; setCandidPath(folder: string): void; setActorAliases(aliases: readonly (readonly [string, string])[]): void;
  compileWasm(mode: "ic", path: string): { readonly diagnostics: readonly MotokoDiagnostic[]; readonly code: { readonly wasm: Uint8Array; readonly candid: string; readonly stable: string } | null };
}

const require = createRequire(import.meta.url);
const compiler = (require("motoko") as { readonly compiler: Compiler }).compiler;
/** In the compiler's file system; no project can have it by accident. */
const folderOf = (name: BundledPackage): string => `.icx-${name}`;

function compile({ files, main, packages, bundled, flags, metadata, actors }: MotokoJob): MotokoAnswer {
  try { compiler.setExtraFlags(flags); } catch (thrown) {
    const reason = describe(thrown), flag = /unknown option '([^']*)'/.exec(reason)?.[1];
    return flag === undefined ? { kind: "crash", reason } : { kind: "unknownFlag", flag };
  }
  compiler.setPublicMetadata(["candid:service", "candid:args", ...metadata]);
  compiler.clearPackage();
  for (const name of bundled) {
    for (const [path, { content }] of Object.entries(bundledFiles(name).files)) compiler.saveFile(`${folderOf(name)}/${path}`, content);
    compiler.addPackage(name, folderOf(name));
  }
  for (const [name, folder] of Object.entries(packages)) compiler.addPackage(name, folder);
  for (const [path, content] of Object.entries(files)) compiler.saveFile(path, content);
  compiler.setCandidPath(actors.folder);
  compiler.setActorAliases(actors.aliases);
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
