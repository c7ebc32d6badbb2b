/** A place in a text as editors count it: both numbers begin at 1, columns are characters. */
export interface SourcePosition { readonly line: number; readonly column: number }

/** Where the character at an offset (in UTF-16 units, from 0) stands. */
export function positionOf(source: string, at: number): SourcePosition {
  const before = source.slice(0, at), start = before.lastIndexOf("\n") + 1;
  return { line: before.split("\n").length, column: [...before.slice(start)].length + 1 };
}
