import { parentPort } from "node:worker_threads";

/** What a module says of its interface. `absent`: it has no export for that. */
export type CandidAnswer = { readonly kind: "found"; readonly candid: string } | { readonly kind: "absent" } | { readonly kind: "failed"; readonly reason: string };

const POINTER_EXPORT = "get_candid_pointer"; // ic-cdk's `export_candid!`: the address of a text that ends with a zero byte
const CANDID_BYTES_MAX = 16 * 1024 * 1024;

function extract(wasm: Uint8Array<ArrayBuffer>): CandidAnswer {
  const module = new WebAssembly.Module(wasm);
  if (!WebAssembly.Module.exports(module).some(({ name, kind }) => name === POINTER_EXPORT && kind === "function")) return { kind: "absent" };
  const imports: Record<string, Record<string, WebAssembly.ImportValue>> = {};
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    if (kind !== "function") return { kind: "failed", reason: `it imports the ${kind} ${from}.${name}` };
    (imports[from] ??= {})[name] = name === "debug_print" ? () => undefined : () => { throw new WebAssembly.RuntimeError(`it calls ${from}.${name}`); };
  }
  const { exports } = new WebAssembly.Instance(module, imports), pointer: unknown = (exports[POINTER_EXPORT] as () => unknown)(), memory = exports["memory"];
  if (!(memory instanceof WebAssembly.Memory)) return { kind: "failed", reason: "it exports no memory" };
  const bytes = new Uint8Array(memory.buffer), from = Number(pointer) >>> 0, end = bytes.indexOf(0, from);
  if (from >= bytes.length || end < 0 || end - from > CANDID_BYTES_MAX) return { kind: "failed", reason: "its text has no end" };
  return { kind: "found", candid: new TextDecoder("utf-8", { fatal: true }).decode(bytes.slice(from, end)) };
}

parentPort?.on("message", (wasm: Uint8Array<ArrayBuffer>) => {
  let answer: CandidAnswer;
  try { answer = extract(wasm); } catch (error) { answer = { kind: "failed", reason: error instanceof Error ? error.message : String(error) }; }
  parentPort?.postMessage(answer);
});
