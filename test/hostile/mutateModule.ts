import { seeded } from "../unit/replica/execution/wasm/seeded.ts";

/** Opcodes that take and give the same types: one in place of the other leaves a module valid, and another program. */
const ALIKE: readonly (readonly number[])[] = [
  [0x46, 0x47, 0x48, 0x49, 0x4a, 0x4b, 0x4c, 0x4d, 0x4e, 0x4f], [0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5a], [0x67, 0x68, 0x69, 0x45],
  [0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f, 0x70, 0x71, 0x72, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78], [0x7c, 0x7d, 0x7e, 0x7f, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a],
  [0x0c, 0x0d], [0x20, 0x23], [0x02, 0x03],
];
interface Section { readonly id: number; readonly start: number; readonly end: number }

/** Sections of a whole module, their heads included. */
function sectionsOf(module: Uint8Array): Section[] {
  const sections: Section[] = [];
  for (let at = 8; at < module.length;) {
    const start = at, id = module[at++]!;
    let length = 0;
    for (let shift = 0; ; shift += 7) { const byte = module[at++]!; length += (byte & 127) * 2 ** shift; if (byte < 128) break; }
    at += length;
    sections.push({ id, start, end: at });
  }
  return sections;
}

/** A module with a few changes, most of them small: bytes, opcodes, constants, whole sections. The same seed makes the same changes. */
export function mutateModule(module: Uint8Array, other: Uint8Array, seed: number): Uint8Array {
  const next = seeded(seed), sections = sectionsOf(module), code = sections.find(({ id }) => id === 10) ?? sections[0]!;
  let bytes = Uint8Array.from(module);
  const place = (): number => (next(4) === 0 ? next(bytes.length) : Math.min(bytes.length - 1, code.start + next(code.end - code.start)));
  for (let left = 1 + next(3); left > 0; left--) {
    switch (next(8)) {
      case 0: bytes[place()] = next(256); break;
      case 1: { const at = place(); bytes[at] = bytes[at]! ^ (1 << next(8)); break; }
      case 2: case 3: case 4: { // an opcode for one alike, from a random place on
        for (let at = place(), end = Math.min(bytes.length, at + 400); at < end; at++) {
          const kin = ALIKE.find((row) => row.includes(bytes[at]!));
          if (kin !== undefined && next(3) === 0) { bytes[at] = kin[next(kin.length)]!; break; }
        }
        break;
      }
      case 5: { const at = place(), length = next(12); bytes = Uint8Array.from([...bytes.subarray(0, at), ...(next(2) === 0 ? [] : Array.from({ length }, () => next(256))), ...bytes.subarray(at + next(6))]); break; }
      case 6: { // another module's section, once more, or instead, or none
        const theirs = sectionsOf(other), { start, end } = theirs[next(theirs.length)]!, mine = sections[next(sections.length)]!;
        bytes = Uint8Array.from(Buffer.concat([bytes.subarray(0, mine.start), ...(next(3) === 0 ? [] : [other.subarray(start, end)]), bytes.subarray(next(2) === 0 ? mine.start : mine.end)]));
        break;
      }
      default: if (next(4) === 0) bytes = bytes.slice(0, next(bytes.length)); else { const at = place(); bytes[at] = [0, 0x7f, 0x80, 0xff, 0x0b, 0x40][next(6)]!; }
    }
  }
  return bytes;
}
