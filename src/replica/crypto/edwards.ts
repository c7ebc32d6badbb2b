/**
 * The curve edwards25519 (RFC 8032 §5.1), as much of it as proofs about X25519 keys need, in plain integers: they are made when somebody
 * complains, and no start of a network waits for a library of curves.
 */
const P = 2n ** 255n - 19n;
/** Order of the subgroup that is used. */
export const EDWARDS_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const mod = (value: bigint): bigint => { const rest = value % P; return rest < 0n ? rest + P : rest; };
const cube = (value: bigint): bigint => mod(mod(value * value) * value);
/** value^(2^times) */
function squared(value: bigint, times: number): bigint {
  for (let i = 0; i < times; i++) value = mod(value * value);
  return value;
}
/** value^(2^252 - 3) in 251 squarings and 11 products: the names count the ones of the exponents. */
function almostRoot(value: bigint): bigint {
  const two = cube(value), four = mod(squared(two, 2) * two), five = mod(squared(four, 1) * value), ten = mod(squared(five, 5) * five), twenty = mod(squared(ten, 10) * ten);
  const forty = mod(squared(twenty, 20) * twenty), eighty = mod(squared(forty, 40) * forty), ones160 = mod(squared(eighty, 80) * eighty);
  const ones240 = mod(squared(ones160, 80) * eighty), ones250 = mod(squared(ones240, 10) * ten);
  return mod(squared(ones250, 2) * value);
}
/** value^(P - 2) */
const inverse = (value: bigint): bigint => mod(squared(almostRoot(value), 3) * cube(value));
/** d = -121665/121666, and a square root of -1. */
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n, ROOT_OF_MINUS_ONE = 19681161376707505956807079304988542015446066515923890162744021073123829784752n;

/** Extended coordinates: x = X/Z, y = Y/Z, T = XY/Z. */
export interface EdwardsPoint { readonly X: bigint; readonly Y: bigint; readonly Z: bigint; readonly T: bigint }
const NEUTRAL: EdwardsPoint = { X: 0n, Y: 1n, Z: 1n, T: 0n };
const TWICE_D = mod(2n * D);

/** RFC 8032 §5.1.4; complete: it doubles too. */
export function addPoints(a: EdwardsPoint, b: EdwardsPoint): EdwardsPoint {
  const A = mod((a.Y - a.X) * (b.Y - b.X)), B = mod((a.Y + a.X) * (b.Y + b.X)), C = mod(TWICE_D * a.T * b.T), Z = mod(2n * a.Z * b.Z);
  const E = B - A, F = Z - C, G = Z + C, H = B + A;
  return { X: mod(E * F), Y: mod(G * H), Z: mod(F * G), T: mod(E * H) };
}
/** @param last whether something else than a doubling follows, which is what T is for */
function doublePoint({ X, Y, Z }: EdwardsPoint, last: boolean): EdwardsPoint {
  const A = mod(X * X), B = mod(Y * Y), E = mod(2n * X * Y), G = B - A, F = mod(G - 2n * Z * Z), H = -A - B;
  return { X: mod(E * F), Y: mod(G * H), Z: mod(F * G), T: last ? mod(E * H) : 0n };
}
/** 8·point: without its part of small order. */
export const timesEight = (point: EdwardsPoint): EdwardsPoint => doublePoint(doublePoint(doublePoint(point, false), false), true);
export const negatePoint = ({ X, Y, Z, T }: EdwardsPoint): EdwardsPoint => ({ X: mod(-X), Y, Z, T: mod(-T) });
export const multiplyPoint = (point: EdwardsPoint, scalar: bigint): EdwardsPoint => sumOfMultiples(point, scalar, NEUTRAL, 0n);
/** a·p + b·q with one row of doublings, four bits at a time. */
export function sumOfMultiples(p: EdwardsPoint, a: bigint, q: EdwardsPoint, b: bigint): EdwardsPoint {
  const digits = Math.max(a.toString(16).length, b.toString(16).length), rows = [multiplesOf(p, a), multiplesOf(q, b)];
  let result = NEUTRAL;
  for (let i = digits - 1; i >= 0; i--) {
    if (i < digits - 1) for (let times = 1; times <= 4; times++) result = doublePoint(result, times === 4);
    for (const { digit, multiples } of rows) { const nibble = digit(i); if (nibble > 0) result = addPoints(result, multiples[nibble]!); }
  }
  return result;
}
/** A scalar in digits of four bits, the least first, and the multiples of a point that they stand for. */
function multiplesOf(point: EdwardsPoint, scalar: bigint): { readonly digit: (i: number) => number; readonly multiples: readonly EdwardsPoint[] } {
  const text = scalar.toString(16), digits = Array.from({ length: text.length }, (_, i) => Number.parseInt(text[text.length - 1 - i]!, 16)), multiples = [NEUTRAL, point];
  for (let k = 2, most = Math.max(...digits); k <= most; k++) multiples.push(addPoints(multiples[k - 1]!, point));
  return { digit: (i) => digits[i] ?? 0, multiples };
}
export const isNeutral = ({ X, Y, Z }: EdwardsPoint): boolean => X === 0n && Y === Z;
/** Whether the point has no part of small order. */
export const isTorsionFree = (point: EdwardsPoint): boolean => isNeutral(multiplyPoint(point, EDWARDS_ORDER));

const littleEndian = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).reverse().toString("hex") || "0"}`);
const fieldBytes = (value: bigint): Uint8Array => new Uint8Array(Buffer.from(value.toString(16).padStart(64, "0"), "hex").reverse());

/** The point of a y-coordinate with the given parity of x; undefined when there is none. RFC 8032 §5.1.3. */
function pointOf(y: bigint, odd: boolean): EdwardsPoint | undefined {
  const above = mod(y * y - 1n), below = mod(D * y * y + 1n), square = mod(above * inverse(below));
  let x = mod(almostRoot(square) * square); // square^((P + 3) / 8)
  if (mod(x * x) !== square) x = mod(x * ROOT_OF_MINUS_ONE);
  if (mod(x * x) !== square || (x === 0n && odd)) return undefined;
  if (((x & 1n) === 1n) !== odd) x = mod(-x);
  return { X: x, Y: y, Z: 1n, T: mod(x * y) };
}
/** 32 bytes: y, little-endian, and the parity of x in the last bit. */
export function compressPoint({ X, Y, Z }: EdwardsPoint): Uint8Array {
  const zInverse = inverse(Z), bytes = fieldBytes(mod(Y * zInverse));
  if ((mod(X * zInverse) & 1n) === 1n) bytes[31]! |= 0x80;
  return bytes;
}
export function decompressPoint(bytes: Uint8Array): EdwardsPoint | undefined {
  if (bytes.length !== 32) return undefined;
  const copy = bytes.slice(), odd = (copy[31]! & 0x80) !== 0;
  copy[31]! &= 0x7f;
  const y = littleEndian(copy);
  return y < P ? pointOf(y, odd) : undefined;
}
/** The point with even x of a u-coordinate of Curve25519 (RFC 7748 §4.1): y = (u-1)/(u+1). Undefined off the curve and for unreduced coordinates. */
export function pointOfU(bytes: Uint8Array): EdwardsPoint | undefined {
  const u = bytes.length === 32 ? littleEndian(bytes) : P;
  return u >= P - 1n ? undefined : pointOf(mod((u - 1n) * inverse(u + 1n)), false);
}
/** u = (1+y)/(1-y), as X25519 gives it. */
export const uOfPoint = ({ Y, Z }: EdwardsPoint): Uint8Array => fieldBytes(mod((Z + Y) * inverse(Z - Y)));
/** RFC 8032 §5.1: y = 4/5, x even. */
const X = 15112221349535400772501151409588531511454012693041857206046113283949847762202n, Y = 46316835694926478169428394003475163141307993866256225615783033603165251855960n;
export const EDWARDS_BASE: EdwardsPoint = { X, Y, Z: 1n, T: mod(X * Y) };
