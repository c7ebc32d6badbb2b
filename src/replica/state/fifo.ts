/** A queue that is cheap at both ends while a round works on it: taking moves a head index, nothing is copied. */
export class Fifo<T> {
  private items: T[];
  private head = 0;
  private readonly original: readonly T[];
  private touched = false;
  private readonly counted: ((item: T, times: 1 | -1) => void) | undefined;
  /** `counted` is told of every item that comes or goes. */
  constructor(items: readonly T[], counted?: (item: T, times: 1 | -1) => void) { this.original = items; this.items = items as T[]; this.counted = counted; }

  get length(): number { return this.items.length - this.head; }
  peek(): T | undefined { return this.items[this.head]; }
  push(item: T): void { this.own(); this.items.push(item); this.counted?.(item, 1); }
  /** Puts an item back before all others. */
  unshift(item: T): void { this.own(); this.items.unshift(item); this.counted?.(item, 1); }
  shift(): T | undefined {
    if (this.head === this.items.length) return undefined;
    this.touched = true;
    const item = this.items[this.head++]!;
    this.counted?.(item, -1);
    return item;
  }
  /** All items, leaving none. */
  drain(): readonly T[] {
    const all = this.toArray();
    if (all.length === 0) return all;
    this.items = [];
    this.head = 0;
    this.touched = true;
    if (this.counted !== undefined) for (const item of all) this.counted(item, -1);
    return all;
  }
  /** Takes out the item at this place among the rest. */
  remove(index: number): void {
    const item = this.toArray()[index];
    if (item === undefined) return;
    this.own();
    this.items.splice(this.head + index, 1);
    this.counted?.(item, -1);
  }
  /** The rest as a plain array: the very array that it was made from when nothing changed. */
  toArray(): readonly T[] { return this.touched ? this.items.slice(this.head) : this.original; }

  private own(): void {
    if (this.touched && this.items !== this.original) return;
    this.items = this.items.slice(this.head);
    this.head = 0;
    this.touched = true;
  }
}
