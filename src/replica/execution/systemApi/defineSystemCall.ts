import type { ValueType } from "../../interfaces/wasm.ts";
import type { ExecutionContext } from "./executionContext.ts";
import type { Host } from "./host.ts";

type Value<T extends ValueType> = T extends "i64" | "E" ? bigint : number;
type Args<P extends readonly ValueType[]> = { -readonly [K in keyof P]: Value<P[K]> };
type Answer<R extends readonly ValueType[]> = R extends readonly [infer T extends ValueType] ? Value<T> : void;
type Letters<S extends string> = S extends "*" | "* s" ? S
  : S extends `${infer Head extends ExecutionContext} ${infer Tail}` ? (Letters<Tail> extends never ? never : S)
  : S extends ExecutionContext ? S : never;

/** `fixed` instructions for each call, and `perByte` of the last parameter where bytes are copied. */
export interface CallCost { readonly fixed: number; readonly perByte?: number }
/** One function of `ic0`: everything about it, from which imports, checks, charges, documents and tests are derived (design §3.5). */
export interface SystemCall {
  readonly name: string; readonly params: readonly ValueType[]; readonly results: readonly ValueType[]; readonly contexts: string;
  readonly cost: CallCost; readonly only32?: boolean; readonly run: (host: Host, ...args: never[]) => number | bigint | void;
}

/** Checks at compile time that the letters are contexts and that `run` takes and gives what the signature says. */
export function defineSystemCall<const P extends readonly ValueType[], const R extends readonly ValueType[], const C extends string>(call: {
  readonly name: string; readonly params: P; readonly results: R; readonly contexts: C & Letters<C>; readonly cost: CallCost; readonly only32?: boolean;
  readonly run: (host: Host, ...args: Args<P>) => Answer<R>;
}): SystemCall { return call as unknown as SystemCall; }
