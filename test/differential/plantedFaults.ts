/** A fault in a rewritten module: where a row of bytes stands (-1: any byte), others are put; -1 keeps what was there, -2 flips its lowest bit. */
export interface Fault { readonly find: readonly number[]; readonly put: readonly number[]; readonly everywhere?: boolean }

const ANY = -1, KEEP = -1, FLIP = -2, NOP = 0x01;
/** Indexes in a generated module: the global that counts, the local that counts, the function that marks a range. */
const FUEL = 6, LOCAL = 14, MARK_RANGE = 18;

/** Each thing that the rewriter injects, broken. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  "a store that marks no page": { find: [0x2d, 0x40, 0x01, 0x00, 0x45, 0x04], put: [KEEP, KEEP, KEEP, KEEP, NOP, KEEP] },
  "a bulk write that marks no page": { find: [0x10, MARK_RANGE, 0x20], put: [0x1a, 0x1a, KEEP] },
  "an f64 NaN left alone": { find: [0x62, 0x04, 0x40, 0x44], put: [0x63, KEEP, KEEP, KEEP], everywhere: true },
  "an f32 NaN left alone": { find: [0x5c, 0x04, 0x40, 0x43], put: [0x5d, KEEP, KEEP, KEEP], everywhere: true },
  "an f32x4 NaN left alone": { find: [0xfd, 66, 0xfd, 83, 0x04], put: [KEEP, 79, KEEP, KEEP, KEEP], everywhere: true },
  "an f64x2 NaN left alone": { find: [0xfd, 72, 0xfd, 83, 0x04], put: [KEEP, 79, KEEP, KEEP, KEEP], everywhere: true },
  "a block with a wrong charge": { find: [0x42, ANY, ANY, 0x80, 0x80, 0x00, 0x7d], put: [KEEP, FLIP, KEEP, KEEP, KEEP, KEEP, KEEP] },
  "a counter that stays behind where it can be seen": { find: [0x20, LOCAL, 0x24, FUEL], put: [NOP, NOP, NOP, NOP] },
  "a counter that is not read again after a call": { find: [0x23, FUEL, 0x21, LOCAL], put: [NOP, NOP, NOP, NOP] },
};

/** Runs `work` while one place of each rewritten module, chosen by `pick`, or every place has the fault. Answers with how many modules had such a place. */
export function withFault({ find, put, everywhere = false }: Fault, pick: (below: number) => number, work: () => void): number {
  const { Module } = WebAssembly;
  let planted = 0;
  const breakOne = (bytes: Buffer): Buffer => {
    if (!bytes.includes("metadata.code.branch_hint")) return bytes;
    const copy = Buffer.from(bytes), places: number[] = [];
    for (let at = 0; at + find.length <= copy.length; at++) if (find.every((byte, i) => byte === ANY || copy[at + i] === byte)) places.push(at);
    if (places.length === 0) return bytes;
    planted++;
    const chosen = everywhere ? places : [places[pick(places.length)] as number];
    for (const at of chosen) put.forEach((byte, i) => { if (byte === FLIP) copy[at + i]! ^= 1; else if (byte !== KEEP) copy[at + i] = byte; });
    return WebAssembly.validate(copy) ? copy : bytes;
  };
  WebAssembly.Module = class extends Module { constructor(bytes: BufferSource) { const view = bytes as Uint8Array; super(breakOne(Buffer.from(view.buffer, view.byteOffset, view.byteLength)) as BufferSource); } } as typeof Module;
  try { work(); } finally { WebAssembly.Module = Module; }
  return planted;
}
