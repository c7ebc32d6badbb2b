import type { ImportHandlers, WasmMemory } from "../../interfaces/wasm.ts";
import { assert } from "../../types/index.ts";
import type { SystemCall } from "./defineSystemCall.ts";
import { MODE_NAMES, contextsOf } from "./executionContext.ts";
import type { Host } from "./host.ts";
import { contractViolation } from "./traps.ts";

/** The handlers are made once; which message they serve is the host on top. Nested runs (composite queries) put theirs above. */
export interface SystemApi { readonly handlers: ImportHandlers; serve<T>(host: Host, run: () => T): T }

/** Derives from the rows: the context check with the spec's trap, the charge, the call. */
export function createSystemApi(rows: readonly SystemCall[]): SystemApi {
  let current: Host | undefined;
  const handlers: Record<string, (memory: WasmMemory, ...args: never[]) => number | bigint | void> = {};
  for (const { name, contexts, cost: { fixed, perByte }, run } of rows) {
    const allowed = contextsOf(contexts);
    handlers[name] = (memory, ...args) => {
      assert(current !== undefined, "a system call comes from a running message");
      const host = current, { input } = host;
      host.memory = memory;
      if (!allowed.has(input.context)) throw contractViolation(`"ic0_${name}" cannot be executed in ${MODE_NAMES[input.context]} mode`);
      const bytes = perByte !== undefined && input.subnet.params.chargesBytes ? unsignedBytes(args[args.length - 1]!) * perByte : 0;
      memory.charge(fixed + bytes);
      return run(host, ...args);
    };
  }
  return {
    handlers,
    serve(host, run) {
      const outer = current;
      current = host;
      try { return run(); } finally { current = outer; }
    },
  };
}

const unsignedBytes = (value: number | bigint): number => Number(typeof value === "bigint" ? BigInt.asUintN(64, value) : value < 0 ? value >>> 0 : value);
