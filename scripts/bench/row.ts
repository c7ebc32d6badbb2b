/** One measured capability. `ratio` relates the value to a baseline that was measured in the same run. */
export interface BenchRow {
  readonly id: string;
  /** Undefined when the answers were wrong: a fast wrong answer has no value. */
  readonly value: number | undefined;
  readonly unit: "us" | "ms" | "s" | "/s" | "x" | "MiB";
  readonly baseline?: number;
  readonly ratio?: number;
  /** What it should be on a two-core machine: at most for times and ratios, at least for rates. */
  readonly target?: number;
  readonly note?: string;
}

/** A part of the bench that measures some rows together; it runs when one of its ids, or its name, is wanted. Heavy ones run only then. */
export interface BenchPart { readonly name?: string; readonly heavy?: boolean; readonly ids: readonly string[]; run(): Promise<readonly BenchRow[]> }

export const median = (values: readonly number[]): number => quantile(values, 0.5);
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? NaN;
}

/** Milliseconds that the work took. */
export async function timed(work: () => Promise<unknown> | unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
