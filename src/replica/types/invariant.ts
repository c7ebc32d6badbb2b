/** Something that can never happen has happened: the fault is icx's own. The subnet halts with what is needed to replay. */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

/** @throws InvariantError naming the rule that was broken. */
export function assert(condition: unknown, rule: string): asserts condition {
  if (!condition) throw new InvariantError(rule);
}
