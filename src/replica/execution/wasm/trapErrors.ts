import { Trap } from "../../interfaces/wasm.ts";
import type { UserError } from "../../types/index.ts";
import { assert, userError } from "../../types/index.ts";
import { REASON } from "./layout.ts";

/** Names of traps as the replica writes them (dfinity/ic, rs/interfaces/src/execution_environment/errors.rs, `TrapCode`). */
export type TrapName = "stack overflow" | "heap out of bounds" | "stable memory out of bounds" | "integer division by 0" | "unreachable" | "table out of bounds" | "unknown";

export const trapError = (name: TrapName): UserError => userError("IC0502", `Canister trapped: ${name}`);
export const instructionLimit = (limit: bigint): UserError => userError("IC0522", `Canister exceeded the limit of ${limit} instructions for single message execution.`);
const badSignature = userError("IC0504", "Canister violated contract: function invocation does not match its signature");

/** What V8 says → what the replica says. Overflowing divisions and conversions are "unknown" there too. */
const V8_MESSAGES: Readonly<Record<string, UserError>> = {
  "unreachable": trapError("unreachable"),
  "memory access out of bounds": trapError("heap out of bounds"),
  "data segment out of bounds": trapError("heap out of bounds"),
  "divide by zero": trapError("integer division by 0"),
  "remainder by zero": trapError("integer division by 0"),
  "divide result unrepresentable": trapError("unknown"),
  "float unrepresentable in integer range": trapError("unknown"),
  "table index is out of bounds": trapError("table out of bounds"),
  "table access out of bounds": trapError("table out of bounds"),
  "element segment out of bounds": trapError("table out of bounds"),
};

const INDIRECT = /function signature mismatch/;

/** What of an instance tells one trap from another. */
export interface TrapScene { readonly reason: number; readonly limit: bigint; readonly calleeIsEmpty: () => boolean; /** The closure's function. */ readonly fun: bigint | undefined }

/** The trap behind whatever left a wasm call, or undefined if it is none of a canister's doing. */
export function errorOf(thrown: unknown, { reason, limit, fun, calleeIsEmpty }: TrapScene): UserError | undefined {
  if (thrown instanceof Trap) return thrown.error;
  if (!(thrown instanceof WebAssembly.RuntimeError)) return undefined;
  if (thrown.message === "unreachable") {
    if (reason === REASON.outOfInstructions) return instructionLimit(limit);
    if (reason === REASON.stackOverflow) return trapError("stack overflow");
    if (reason === REASON.noSuchFunction) return userError("IC0513", `Canister requested to invoke a non-existent Wasm function ${fun} from table 0.`);
    assert(reason !== REASON.undoMemory, "the host has memory for the undo log");
  }
  if (INDIRECT.test(thrown.message)) return calleeIsEmpty() ? trapError("unknown") : badSignature;
  const error = V8_MESSAGES[thrown.message];
  assert(error !== undefined, `every trap of the engine has a name: ${thrown.message}`);
  return error;
}
