/** The known name that a mistyped one most likely meant; undefined when none is close. */
export function nearest(typed: string, known: readonly string[]): string | undefined {
  const ranked = known.map((name) => ({ name, distance: distance(typed.toLowerCase(), name.toLowerCase()) })).sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
  const best = ranked[0];
  return best !== undefined && best.distance <= Math.max(1, Math.floor(typed.length / 3)) ? best.name : undefined;
}

/** Edits (insert, delete, replace, swap of neighbours) between two words. */
function distance(a: string, b: string): number {
  const rows = Array.from({ length: a.length + 1 }, (_, i) => Array.from({ length: b.length + 1 }, (_, j) => (i === 0 ? j : j === 0 ? i : 0)));
  const at = (i: number, j: number): number => rows[i]![j]!;
  for (let i = 1; i <= a.length; i++) for (let j = 1; j <= b.length; j++) {
    const replace = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
    const swap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(i - 2, j - 2) + 1 : Infinity;
    rows[i]![j] = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, replace, swap);
  }
  return at(a.length, b.length);
}
