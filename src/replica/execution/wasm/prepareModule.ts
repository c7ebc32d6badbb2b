import type { ImportSignature, PreparedModule } from "../../interfaces/wasm.ts";
import type { GlobalType } from "../../state/canisterSnapshot.ts";
import type { PagedMemory } from "../../state/pagedMemory.ts";
import type { Result, UserError } from "../../types/index.ts";
import { err, ok, userError } from "../../types/index.ts";
import { checkModule, MODULE_LIMITS } from "./checkModule.ts";
import { type ModuleShape, VALUE, decodeModule } from "./decodeModule.ts";
import type { RewriteRules } from "./layout.ts";
import { EXPORT } from "./layout.ts";
import { ModuleRefused, refuse } from "./moduleRefused.ts";
import { rewriteModule } from "./rewriteModule.ts";
import { spillBytes } from "./supportFunctions.ts";

/** What the engine keeps of a module next to what its door shows. */
export interface CompiledModule extends PreparedModule {
  readonly compiled: WebAssembly.Module;
  readonly imports: readonly ImportSignature[];
  /** For each table, whether it has 64-bit indexes. */
  readonly tables64: readonly boolean[];
  readonly heapPagesMin: number;
  readonly heapPagesMax: number;
  readonly segments: readonly { readonly offset: number; readonly bytes: Uint8Array }[];
  /** Bytes that `save` spills. */
  readonly spillBytes: number;
  /** The module's own bits of its globals before any code ran; filled in when first asked for. */
  initialGlobals: Uint8Array | undefined;
  /** Content of the name section, and what it says once somebody asked. */
  readonly nameSection: Uint8Array | undefined;
  functionNames: ReadonlyMap<number, string> | undefined;
  /** The module's own functions, and by how much their indexes grew. */
  readonly functionCount: number;
  readonly shift: number;
  /** The heap with the data segments in it, likewise. */
  initialHeap: PagedMemory | undefined;
}

const TYPE_NAMES: Readonly<Record<number, GlobalType>> = { [VALUE.i32]: "i32", [VALUE.i64]: "i64", [VALUE.f32]: "f32", [VALUE.f64]: "f64", [VALUE.v128]: "v128" };

const invalid = (reason: string): Result<never, UserError> => err(userError("IC0505", `Canister's Wasm module is not valid: ${reason}`));

/** The last one counts. */
function nameSectionOf({ bytes, customs }: ModuleShape): Uint8Array | undefined {
  const section = customs.findLast(({ name }) => name === "name");
  return section && bytes.slice(section.start, section.end);
}

/** The rewritten bytes of a module and what was collected on the way. @throws ModuleRefused */
export function rewriteBytes(module: Uint8Array, hash: string, signatures: ReadonlyMap<string, ImportSignature>, rules: RewriteRules): { bytes: Uint8Array; prepared: Omit<CompiledModule, "compiled"> } {
  if (module.length > MODULE_LIMITS.moduleBytes) refuse(`Wasm module size of ${module.length} exceeds the maximum allowed size of ${MODULE_LIMITS.moduleBytes}.`);
  if (!WebAssembly.validate(module as BufferSource)) refuse("Wasmtime failed to validate wasm module");
  const shape = decodeModule(module), { entries, metadata } = checkModule(shape, signatures), rewritten = rewriteModule(shape, entries, rules);
  const exports = new Set(entries.map(([name]) => name));
  if (shape.start !== undefined) exports.add(EXPORT.start);
  return {
    bytes: rewritten.bytes,
    prepared: {
      globals: shape.globals.filter(({ mutable }) => mutable).map(({ type }) => TYPE_NAMES[type]!),
      hash, memory64: rewritten.layout.is64, exports, metadata, instructionCount: rewritten.instructionCount,
      imports: shape.imports.map(({ name }) => signatures.get(name)!), tables64: shape.tables.map(({ is64 }) => is64),
      heapPagesMin: rewritten.heapPagesMin, heapPagesMax: rewritten.heapPagesMax,
      segments: shape.data.filter(({ offset }) => offset !== undefined).map(({ offset, start, end }) => ({ offset: offset!, bytes: module.slice(start, end) })),
      spillBytes: shape.globals.reduce((sum, { type, mutable }) => sum + (mutable ? spillBytes(type) : 0), 0), initialGlobals: undefined, initialHeap: undefined,
      nameSection: nameSectionOf(shape), functionNames: undefined, functionCount: shape.functions.length, shift: rewritten.layout.shift,
    },
  };
}

/** Validates, rewrites and compiles a module; IC0505 with the broken rule otherwise. */
export function prepareModule(module: Uint8Array, hash: string, signatures: ReadonlyMap<string, ImportSignature>, rules: RewriteRules): Result<CompiledModule, UserError> {
  try {
    const { bytes, prepared } = rewriteBytes(module, hash, signatures, rules);
    return ok({ ...prepared, compiled: new WebAssembly.Module(bytes as BufferSource) });
  } catch (cause) {
    if (cause instanceof ModuleRefused) return invalid(cause.message);
    if (cause instanceof WebAssembly.CompileError) return invalid("Wasmtime failed to validate wasm module: a function exceeds the engine's limits");
    throw cause;
  }
}
