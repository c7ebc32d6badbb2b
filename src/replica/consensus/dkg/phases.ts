/**
 * An interval's key generation by offsets from its summary: dealings in the first half, then reviews, which end with the interval. Reviewers
 * so have one fixed set of dealings before them. Dealers and receivers take turns, so that no block has to wait for much of it at once.
 */

/** The last offset of a block that may carry dealings. */
export const dealingsEnd = (length: number): number => Math.max(1, Math.floor(length / 2));

/** The offset from which on the dealer at a place deals: spread over the middle of the first half. */
export function dealingStart(length: number, place: number, dealers: number): number {
  const end = dealingsEnd(length), first = Math.floor(end / 5);
  return first + Math.floor((place * Math.floor(end / 2)) / dealers);
}

/** The offset from which on the receiver at a place reviews: spread over the first half of what is left. */
export const reviewStart = (length: number, place: number, receivers: number): number =>
  dealingsEnd(length) + Math.floor((place * Math.floor((length - dealingsEnd(length)) / 2)) / receivers);
