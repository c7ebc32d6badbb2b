/** One instruction of a program in the order in which it stands; `text` prints it. */
export interface Instruction {
  readonly op: string;
  /** Printed behind the name. */
  readonly immediate?: string;
  /** Constant as bits, index of a local, global, function, table, segment or label; alternatives of `br_table`. */
  readonly value?: number | bigint | readonly [bigint, bigint];
  readonly labels?: readonly number[];
  /** Offset of an access. */
  readonly offset?: number;
}
export interface ProgramFunction { readonly name: string; readonly params: readonly string[]; readonly locals: readonly string[]; readonly code: readonly Instruction[] }

/** A generated module, as the interpreter runs it and as text. */
export interface Program {
  readonly seed: number;
  readonly is64: boolean;
  /** Whether NaN bits and the counter show in the results, so that raw V8 cannot agree. */
  readonly revealing: boolean;
  readonly pagesMin: number;
  readonly pagesMax: number;
  /** Where the accesses lie: three wasm pages from here. */
  readonly window: number;
  readonly functions: readonly ProgramFunction[];
  readonly text: string;
}

export const WINDOW_BYTES = 3 * 65_536;
/** Table 0: its size, its maximum, and the functions that it holds at first. */
export const TABLE = { min: 6, max: 12, first: [0, 1, 2] } as const;
/** Passive data and elements; each is fresh in every message. */
export const DATA = "data";
export const ELEMENTS = [1, 0] as const;
/** A function that is called with this answers with its number in the global `tag`. */
export const WHO = 0x5eed;
/** Imports, in the order of their indexes. */
export const IMPORT = { write: 0, count: 1, charge: 2, show: 3 } as const;
/** The mutable globals, in the order of their indexes, with their first bits. */
export const GLOBALS = [["tag", "i32", -1], ["g", "i32", 1], ["h", "i64", 2n], ["f", "f32", 0], ["d", "f64", 0n], ["k", "v128", [3n, 4n]]] as const;
