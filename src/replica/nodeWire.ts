/** What the nodes of a subnet send each other: a kind, and bytes that follow from it. */
import type { Hash } from "./types/index.ts";

/** First byte. `artifact`: of consensus. `ingress`: a user's message. `ask`: for everything that the other one offers. `part`, `noPart`: of a state, or that it is not there. */
export const WIRE = { artifact: 0, ingress: 1, ask: 2, request: 3, part: 4, noPart: 5 } as const;
export type WireKind = (typeof WIRE)[keyof typeof WIRE];

/** Frames by what they carry and back: nodes of one process send each other the same bytes many times, and what is the same object is read once. */
const frames = new WeakMap<Uint8Array, Uint8Array>(), contents = new WeakMap<Uint8Array, Uint8Array>();
export function framed(kind: WireKind, bytes: Uint8Array): Uint8Array {
  const known = frames.get(bytes);
  if (known !== undefined) return known;
  const out = new Uint8Array(bytes.length + 1);
  out[0] = kind;
  out.set(bytes, 1);
  frames.set(bytes, out);
  contents.set(out, bytes);
  return out;
}
export function contentOf(frame: Uint8Array): Uint8Array {
  const known = contents.get(frame) ?? frame.subarray(1);
  contents.set(frame, known);
  return known;
}

export const ASK: Uint8Array = Uint8Array.of(WIRE.ask);

/** Which part of which state a frame is about; the bytes of a part follow at `PART_OFFSET`. */
export interface StatePart { readonly root: Hash<"State">; readonly id: number }
const ROOT_BYTES = 32, HEAD_BYTES = 1 + ROOT_BYTES + 4;
/** Aligned, so that pages of a memory stay where they arrived. */
const PART_OFFSET = 64;

/** @param size bytes of the part, which `write` puts into the frame */
export function partFrame(kind: typeof WIRE.request | typeof WIRE.part | typeof WIRE.noPart, { root, id }: StatePart, size = 0, write: (target: Uint8Array) => void = () => undefined): Uint8Array {
  const out = Buffer.allocUnsafeSlow(kind === WIRE.part ? PART_OFFSET + size : HEAD_BYTES);
  out[0] = kind;
  out.set(root, 1);
  out.writeUInt32BE(id, 1 + ROOT_BYTES);
  if (kind === WIRE.part) {
    out.fill(0, HEAD_BYTES, PART_OFFSET);
    write(new Uint8Array(out.buffer, out.byteOffset + PART_OFFSET, size));
  }
  return out;
}
/** Undefined for a frame that is cut short. */
export function readPartFrame(frame: Uint8Array): (StatePart & { readonly bytes: Uint8Array | undefined }) | undefined {
  const isPart = frame[0] === WIRE.part;
  if (frame.length < (isPart ? PART_OFFSET : HEAD_BYTES)) return undefined;
  const view = Buffer.from(frame.buffer, frame.byteOffset, frame.length);
  return { root: frame.slice(1, 1 + ROOT_BYTES) as Hash<"State">, id: view.readUInt32BE(1 + ROOT_BYTES), bytes: isPart ? frame.subarray(PART_OFFSET) : undefined };
}
