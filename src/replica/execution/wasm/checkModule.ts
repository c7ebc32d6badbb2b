import type { ImportSignature, ValueType } from "../../interfaces/wasm.ts";
import type { FunctionType, ModuleShape } from "./decodeModule.ts";
import { VALUE } from "./decodeModule.ts";
import { refuse } from "./moduleRefused.ts";

/** Interface spec §3.8 (dfinity/ic, rs/config/src/embedders.rs and rs/embedders/src/wasm_utils/validation.rs). */
export const MODULE_LIMITS = {
  moduleBytes: 100 * 1024 * 1024, codeBytes: 10 * 1024 * 1024, functions: 50_000, globals: 1_000, methods: 1_000, methodNameBytes: 20_000,
  customSections: 16, customSectionBytes: 1024 * 1024, functionNameBytes: 1024 * 1024,
} as const;

const RESERVED = new Set(["canister counter_instructions", "canister_start", "canister counter_dirty_pages", "canister counter_accessed_pages", "stable_memory", "stable_memory_bytemap"]);
const SYSTEM_ENTRIES = new Set(["canister_init", "canister_pre_upgrade", "canister_post_upgrade", "canister_inspect_message", "canister_heartbeat", "canister_global_timer",
  "canister_on_low_wasm_memory"]);
const METHOD = /^canister_(?:update|query|composite_query) ([^]*)$/;
const TYPE_NAMES: Readonly<Record<number, string>> = { [VALUE.i32]: "I32", [VALUE.i64]: "I64", [VALUE.f32]: "F32", [VALUE.f64]: "F64", [VALUE.v128]: "V128" };

const show = (types: readonly number[]): string => `[${types.map((type) => TYPE_NAMES[type] ?? "Ref").join(", ")}]`;
const same = (a: readonly number[], b: readonly number[]): boolean => a.length === b.length && a.every((type, i) => type === b[i]);
const utf8Length = (text: string): number => Buffer.byteLength(text, "utf8");

/** The wasm type of a row's value type by pointer width. */
export const wasmTypeOf = (type: ValueType, is64: boolean): number => (type === "i32" ? VALUE.i32 : type === "i64" ? VALUE.i64 : is64 ? VALUE.i64 : VALUE.i32);

function checkSignature(name: string, actual: FunctionType, params: readonly number[], results: readonly number[]): void {
  if (!same(actual.params, params)) refuse(`Wasm module has an invalid function signature. Expected input params ${show(params)} for '${name}', got ${show(actual.params)}.`);
  if (!same(actual.results, results)) refuse(`Wasm module has an invalid function signature. Expected return type ${show(results)} for '${name}', got ${show(actual.results)}.`);
}

function checkImports(shape: ModuleShape, signatures: ReadonlyMap<string, ImportSignature>): void {
  const is64 = shape.memory?.is64 ?? false, wasm = (types: readonly ValueType[]): number[] => types.map((type) => wasmTypeOf(type, is64));
  for (const { module, name, type } of shape.imports) {
    const row = signatures.get(name);
    if (row === undefined || (is64 && row.only32 === true)) refuse(`Wasm module has an invalid import section. Module imports function '${name}' from '${module}' that is not exported by the runtime.`);
    if (module !== "ic0") refuse(`Wasm module has an invalid import section. Module imports function "${name}" from "${module}", expected to be imported from one of ["ic0"] instead.`);
    checkSignature(name, shape.types[type] ?? refuse("Failed to decode wasm module: unknown type"), wasm(row.params), wasm(row.results));
  }
}

/** The entry points that stay exported: name and function index. */
function checkExports(shape: ModuleShape): (readonly [string, number])[] {
  const entries: (readonly [string, number])[] = [], methods = new Set<string>();
  let nameBytes = 0;
  for (const { name, kind, index } of shape.exports) {
    if (RESERVED.has(name)) refuse(`Wasm module has an invalid export section. Exporting reserved symbol ${name} not allowed.`);
    if (kind !== 0) continue;
    if (utf8Length(name) > MODULE_LIMITS.functionNameBytes) refuse("Wasm module has an invalid export section. Function name is too long.");
    const method = METHOD.exec(name)?.[1];
    if (method !== undefined) {
      if (methods.has(method)) refuse(`Duplicate function '${method}' exported multiple times with different call types: update, query, or composite_query.`);
      methods.add(method);
      nameBytes += utf8Length(method);
    } else if (!name.startsWith("canister_")) continue;
    else if (!SYSTEM_ENTRIES.has(name)) refuse(`Wasm module has an invalid export section. Exporting reserved function '${name}' with "canister_" prefix`);
    const type = index < shape.imports.length ? shape.imports[index]?.type : shape.functions[index - shape.imports.length];
    checkSignature(name, shape.types[type ?? -1] ?? refuse("Failed to decode wasm module: unknown function"), [], []);
    entries.push([name, index]);
  }
  const which = "exported functions called `canister_update <name>`, `canister_query <name>`, or `canister_composite_query <name>`";
  if (methods.size > MODULE_LIMITS.methods) refuse(`The number of ${which} is ${methods.size} which exceeds ${MODULE_LIMITS.methods}.`);
  if (nameBytes > MODULE_LIMITS.methodNameBytes) refuse(`The sum of \`<name>\` lengths in ${which} is ${nameBytes} which exceeds the allowed limit of ${MODULE_LIMITS.methodNameBytes}.`);
  return entries;
}

export interface Metadata { readonly name: string; readonly visibility: "public" | "private"; readonly content: Uint8Array }

function collectMetadata(shape: ModuleShape): Metadata[] {
  const rows = new Map<string, Metadata>();
  let total = 0, count = 0;
  for (const { name: section, start, end } of shape.customs) {
    if (!section.startsWith("icp:")) continue;
    count++;
    const match = /^icp:(public|private) ([^]*)$/.exec(section);
    if (match === null) {
      refuse(`Wasm module has an invalid custom section. ${section === "icp:public" || section === "icp:private" ? "'icp:' section names must have a space after the public/private scope" : `Invalid custom section: Custom section '${section}' has no public/private scope defined.`}`);
    }
    const name = match[2]!;
    if (rows.has(name)) refuse(`Wasm module has an invalid custom section. Invalid custom section: name ${name} already exists`);
    total += utf8Length(name) + end - start;
    if (total > MODULE_LIMITS.customSectionBytes) refuse(`Wasm module has an invalid custom section. Invalid custom sections: total size of the custom sections exceeds the maximum allowed: size ${total} bytes, allowed ${MODULE_LIMITS.customSectionBytes} bytes`);
    rows.set(name, { name, visibility: match[1] as "public" | "private", content: shape.bytes.slice(start, end) });
  }
  if (count > MODULE_LIMITS.customSections) refuse(`Wasm module defined ${count} custom sections which exceeds the maximum number allowed ${MODULE_LIMITS.customSections}.`);
  return [...rows.values()].sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
}

/** The module rules of interface spec §3.8 that are not about instructions. @throws ModuleRefused */
export function checkModule(shape: ModuleShape, signatures: ReadonlyMap<string, ImportSignature>): { readonly entries: readonly (readonly [string, number])[]; readonly metadata: readonly Metadata[] } {
  checkImports(shape, signatures);
  const entries = checkExports(shape);
  if (shape.codeBytes > MODULE_LIMITS.codeBytes) refuse(`Wasm module code section size of ${shape.codeBytes} exceeds the maximum allowed size of ${MODULE_LIMITS.codeBytes}.`);
  if (shape.functions.length > MODULE_LIMITS.functions) refuse(`Wasm module defined ${shape.functions.length} functions which exceeds the maximum number allowed ${MODULE_LIMITS.functions}.`);
  if (shape.globals.length > MODULE_LIMITS.globals) refuse(`Wasm module defined ${shape.globals.length} globals which exceeds the maximum number allowed ${MODULE_LIMITS.globals}.`);
  return { entries, metadata: collectMetadata(shape) };
}
