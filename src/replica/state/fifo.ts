/** A queue that is cheap at both ends while a round works on it: taking moves a head index, nothing is copied. */
export class Fifo<T> {
  private items: T[];
  private head = 0;
  private readonly original: readonly T[];
  private touched = false;
  constructor(items: readonly T[]) { this.original = items; this.items = items as T[]; }

  get length(): number { return this.items.length - this.head; }
  peek(): T | undefined { return this.items[this.head]; }
  push(item: T): void { this.own(); this.items.push(item); }
  /** Puts an item back before all others. */
  unshift(item: T): void { this.own(); this.items.unshift(item); }
  shift(): T | undefined {
    if (this.head === this.items.length) return undefined;
    this.touched = true;
    return this.items[this.head++];
  }
  /** All items, leaving none. */
  drain(): readonly T[] { const all = this.toArray(); if (all.length > 0) { this.items = []; this.head = 0; this.touched = true; } return all; }
  /** The rest as a plain array: the very array that it was made from when nothing changed. */
  toArray(): readonly T[] { return this.touched ? this.items.slice(this.head) : this.original; }

  private own(): void {
    if (this.touched && this.items !== this.original) return;
    this.items = this.items.slice(this.head);
    this.head = 0;
    this.touched = true;
  }
}
