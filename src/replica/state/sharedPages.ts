/** Pages remembered: 16 MiB at most. */
const SLOTS = 4096;
const slots = new Array<Uint8Array | undefined>(SLOTS).fill(undefined);

/** Slot of a page: all its words count, as pages of one module often differ in a few bytes. */
function slotOf(page: Uint8Array): number {
  const words = new Int32Array(page.buffer, page.byteOffset, page.length >>> 2);
  let a = 0, b = 0;
  for (let i = 0; i < words.length; i += 4) {
    a = Math.imul(a ^ words[i]!, 0x85ebca6b) + words[i + 1]! | 0;
    b = Math.imul(b ^ words[i + 2]!, 0xc2b2ae35) + words[i + 3]! | 0;
    a = (a << 13) | (a >>> 19);
    b = (b << 17) | (b >>> 15);
  }
  a ^= b ^ (b >>> 15);
  return (Math.imul(a, 0x9e3779b1) >>> 20) & (SLOTS - 1);
}

/**
 * An immutable page with this content: one that was asked for lately, or a copy. Canisters of one module hold mostly the same pages, so that
 * thousands of them take little more room than one. Which object it is depends on chance and changes nothing that can be seen.
 * @param page 4096 bytes, at a multiple of four of its buffer
 */
export function sharedPage(page: Uint8Array): Uint8Array {
  const slot = slotOf(page), known = slots[slot];
  if (known !== undefined && Buffer.compare(known, page) === 0) return known;
  return slots[slot] = new Uint8Array(page);
}
