import { ByteReader } from "./byteReader.ts";
import { demangled } from "./demangle.ts";
import { ModuleRefused } from "./moduleRefused.ts";
import type { CompiledModule } from "./prepareModule.ts";

/** Frames that are shown: what the replica's engine records (wasmtime, `wasm_backtrace_max_frames`). */
const FRAMES_MAX = 20;
/** Frames that V8 records: those of the system call on top of the canister's come first. */
export const FRAMES_RECORDED = 64;
/** Longer names are cut: they come from the module, and a reject message is kept in the state. */
const NAME_CHARACTERS_MAX = 500;
/** System calls that are code of the instrumented module in the replica, and so have a frame of their own there. */
const WITH_FRAME: ReadonlySet<string> = new Set(["stable_read", "stable_write", "stable64_read", "stable64_write", "stable_size", "stable64_size", "stable_grow", "stable64_grow"]);
/** Subsection of the name section with the names of functions. */
const FUNCTION_NAMES = 1;

/** The names of functions by their index, of a module's name section; none when it is malformed, as engines have it. */
export function functionNames(section: Uint8Array): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  try {
    const reader = new ByteReader(section);
    while (!reader.done) {
      const id = reader.u8(), length = reader.u32(), start = reader.skip(length);
      if (id !== FUNCTION_NAMES) continue;
      const rows = new ByteReader(section, start, start + length);
      for (let left = rows.u32(); left > 0; left--) names.set(rows.u32(), rows.text());
    }
    return names;
  } catch (cause) {
    if (!(cause instanceof ModuleRefused)) throw cause;
    return new Map();
  }
}

/** The frames of wasm code on the stack of an error, the innermost first, by function index of the module that runs. */
function frames(thrown: Error, isCanisters: (index: number) => boolean): readonly number[] {
  const { prepareStackTrace } = Error;
  let sites: readonly NodeJS.CallSite[] = [];
  Error.prepareStackTrace = (_error, recorded) => { sites = recorded; return ""; };
  try { void thrown.stack; } finally { Error.prepareStackTrace = prepareStackTrace!; }
  const indexes = sites.map((site) => { const index = /wasm-function\[(\d+)\]/.exec(String(site))?.[1]; return index === undefined ? undefined : Number(index); });
  const first = indexes.findIndex((index) => index !== undefined && isCanisters(index)), found: number[] = [];
  for (const index of first < 0 ? [] : indexes.slice(first)) {
    if (index === undefined) break; // whoever entered the canister
    if (isCanisters(index)) found.push(index);
  }
  return found;
}

/**
 * Where a canister trapped, as the replica writes it: the names of the functions on its stack (dfinity/ic, CanisterBacktrace). Undefined when no name is
 * known. The same on every node: V8 says which functions were called whatever it made of their code, and all frames that are shown are recorded.
 * @param call the system call made last
 */
export function backtraceOf(thrown: Error, module: CompiledModule, call: string | undefined): string | undefined {
  if (module.nameSection === undefined) return undefined;
  const names = module.functionNames ??= functionNames(module.nameSection), { length: imports } = module.imports, { functionCount } = module;
  const found = frames(thrown, (index) => index >= imports + module.shift && index < imports + module.shift + functionCount).map((index) => index - module.shift);
  const imported = thrown instanceof WebAssembly.RuntimeError || call === undefined || !WITH_FRAME.has(call) ? -1 : module.imports.findIndex(({ name }) => name === call);
  const shown = [...(imported < 0 ? [] : [imported]), ...found].slice(0, FRAMES_MAX).map((index) => ({ index, name: names.get(index) ?? (index < imports ? call : undefined) }));
  if (shown.every(({ name }) => name === undefined)) return undefined;
  return `Canister Backtrace:\n${shown.map(({ index, name }) => `${name === undefined ? `unknown function at index ${index}` : demangled(name).slice(0, NAME_CHARACTERS_MAX)}\n`).join("")}`;
}
