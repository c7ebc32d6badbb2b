/**
 * Permits to run, shared by threads: a slot holds the number of its owner, so that what a killed thread held can be given back. The first word
 * counts what was given back: who finds no free slot waits for it to change.
 */
export type Permits = Int32Array<SharedArrayBuffer>;
export const createPermits = (count: number): Permits => new Int32Array(new SharedArrayBuffer(4 * (count + 1)));

/** Waits for a free slot and takes it. @param owner a positive number of the caller's own */
export function acquire(permits: Permits, owner: number): void {
  for (;;) {
    const seen = Atomics.load(permits, 0);
    for (let slot = 1; slot < permits.length; slot++) if (Atomics.compareExchange(permits, slot, 0, owner) === 0) return;
    Atomics.wait(permits, 0, seen);
  }
}

/** Gives back what the owner holds, if anything. */
export function release(permits: Permits, owner: number): void {
  for (let slot = 1; slot < permits.length; slot++) if (Atomics.compareExchange(permits, slot, owner, 0) === owner) { Atomics.add(permits, 0, 1); Atomics.notify(permits, 0); }
}

/** Permits that several threads share, and the numbers that name what each of them starts. */
export interface SharedPermits { readonly permits: Permits; /** The first of a thread's own numbers. */ readonly firstOwner: number }
