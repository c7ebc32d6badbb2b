/** The interface specification's letters for where code runs (spec, "System API, contexts"). */
export const EXECUTION_CONTEXTS = ["s", "I", "G", "U", "RQ", "NRQ", "TQ", "CQ", "Ry", "Rt", "CRy", "CRt", "C", "CC", "F", "T"] as const;
export type ExecutionContext = (typeof EXECUTION_CONTEXTS)[number];

/** How the replica names each mode in its contract violations (dfinity/ic, system_api ApiType). */
export const MODE_NAMES: Readonly<Record<ExecutionContext, string>> = {
  s: "start", I: "init", G: "pre upgrade", U: "update", RQ: "replicated query", NRQ: "non replicated query", TQ: "non replicated query",
  CQ: "composite query", Ry: "reply callback", Rt: "reject callback", CRy: "composite reply callback", CRt: "composite reject callback",
  C: "cleanup", CC: "composite cleanup", F: "inspect message", T: "system task",
};

/** Spec, "in_replicated_execution". */
export const isReplicated = (context: ExecutionContext): boolean => ["s", "I", "G", "U", "RQ", "Ry", "Rt", "C", "T"].includes(context);
export const isQuery = (context: ExecutionContext): boolean => ["NRQ", "TQ", "CQ", "CRy", "CRt", "CC"].includes(context);

/** The contexts that a row's letters name; `*` is all but `s`. */
export const contextsOf = (letters: string): ReadonlySet<ExecutionContext> =>
  new Set(letters.split(" ").flatMap((letter) => (letter === "*" ? EXECUTION_CONTEXTS.filter((context) => context !== "s") : [letter as ExecutionContext])));
