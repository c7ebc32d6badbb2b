import type { ModuleShape } from "./decodeModule.ts";

/** Memories of a rewritten module: its own, the dirty map (a byte per 4 KiB page), the undo memory (64-bit). */
export const MEMORY = { heap: 0, dirty: 1, undo: 2 } as const;

/** One record of the undo memory: page number (8 bytes), length saved (8 bytes), the page and 16 bytes of the next (design D4). */
export const RECORD_BYTES = 16 + 4096 + 16;
/** The undo memory's first 8 bytes hold its top; records begin behind them. */
export const UNDO_START = 16;

/** Why a trap that the rewriter injected happened, in the global `reason`. */
export const REASON = { none: 0, outOfInstructions: 1, stackOverflow: 2, noSuchFunction: 3, undoMemory: 5 } as const;

/** Exports of a rewritten module next to the entry points, which all begin with `canister`. */
export const EXPORT = {
  fuel: "fuel", depth: "depth", reason: "reason", taint: "taint", callee: "callee", table: "table", save: "save", restore: "restore", rollback: "rollback", mark: "mark",
  callback: "callback", start: "start", importModule: "icx",
} as const;

/** The global `callee` holds table index times this plus the entry: tables have at most 10,000,000 entries. */
export const CALLEE_TABLE = 2 ** 24;

/** Where the rewriter's own globals, types and functions stand behind the module's. */
export interface Layout {
  readonly is64: boolean;
  readonly imports: number;
  /** Number of functions before the module's own, behind its imports: the hooks. */
  readonly shift: 2;
  readonly globals: { readonly fuel: number; readonly depth: number; readonly reason: number; readonly taint: number; readonly callee: number };
  readonly functions: {
    readonly grow: number; readonly slice: number; readonly outOfInstructions: number; readonly stop: number; readonly mark: number; readonly markRange: number;
    readonly charge: number; readonly copy: number; readonly save: number; readonly restore: number; readonly rollback: number; readonly callback: number;
    readonly barrier: number;
  };
  /** Type index of the first appended type. */
  readonly types: number;
}

export function layoutOf(shape: ModuleShape): Layout {
  const g = shape.globals.length, imports = shape.imports.length, f = imports + 2 + shape.functions.length;
  return {
    is64: shape.memory?.is64 ?? false, imports, shift: 2, types: shape.types.length,
    globals: { fuel: g, depth: g + 1, reason: g + 2, taint: g + 3, callee: g + 4 },
    functions: {
      grow: imports, slice: imports + 1, outOfInstructions: f, stop: f + 1, mark: f + 2, markRange: f + 3, charge: f + 4, copy: f + 5, save: f + 6, restore: f + 7,
      rollback: f + 8, callback: f + 9, barrier: f + 10,
    },
  };
}

/** How modules are rewritten; a test turns the first two off to see that their absence is noticed. */
export interface RewriteRules {
  readonly crossingStores: boolean;
  readonly canonicalNaN: boolean;
  /** Bytes of a rewritten body beyond which barriers are outlined: V8 refuses bodies above 7.6 MB. */
  readonly outlineAbove: number;
  /** A check that finds no instructions asks the host for the next slice before it traps (design D6): for helper threads, costs their loops a little. */
  readonly sliced: boolean;
}
export const ALL_RULES: RewriteRules = { crossingStores: true, canonicalNaN: true, outlineAbove: 4 * 1024 * 1024, sliced: false };
