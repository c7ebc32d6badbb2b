/**
 * The allow-list of instructions with their weights (dfinity/ic, rs/embedders/src/wasm_utils/instrumentation.rs, `instruction_to_cost`),
 * their immediates and their effect on the height of the operand stack. What has no row is refused: threads and atomics, exceptions,
 * relaxed SIMD, garbage collection, function references (interface spec §3.8).
 */

/** How an instruction's bytes are read and what the rewriter does with it. 0: refused. */
export const KIND = {
  refused: 0, plain: 1, block: 2, loop: 3, if: 4, else: 5, end: 6, br: 7, brTable: 8, leave: 9, call: 10, callIndirect: 11, index: 12,
  typedSelect: 13, load: 14, store: 15, memorySize: 16, memoryGrow: 17, leb32: 18, leb64: 19, bytes4: 20, bytes8: 21, refNull: 22, refFunc: 23,
  float32: 24, float64: 25, prefixFc: 26, prefixFd: 27, tableSet: 28, brIf: 29, returnCall: 30, returnCallIndirect: 31,
} as const;

export const kinds = new Uint8Array(256);
export const weights = new Uint16Array(256);
/** Change of the operand stack's height; calls and blocks are worked out from their types. */
export const heights = new Int8Array(256);

function row(from: number, to: number, kind: number, weight: number, height: number): void {
  for (let op = from; op <= to; op++) { kinds[op] = kind; weights[op] = weight; heights[op] = height; }
}

row(0x00, 0x00, KIND.leave, 1, 0); // unreachable
row(0x01, 0x01, KIND.plain, 1, 0); // nop
row(0x02, 0x02, KIND.block, 0, 0);
row(0x03, 0x03, KIND.loop, 0, 0);
row(0x04, 0x04, KIND.if, 2, -1);
row(0x05, 0x05, KIND.else, 0, 0);
row(0x0b, 0x0b, KIND.end, 0, 0);
row(0x0c, 0x0c, KIND.br, 2, 0);
row(0x0d, 0x0d, KIND.brIf, 2, -1);
row(0x0e, 0x0e, KIND.brTable, 2, -1);
row(0x0f, 0x0f, KIND.leave, 1, 0); // return
row(0x10, 0x10, KIND.call, 5, 0);
row(0x11, 0x11, KIND.callIndirect, 10, -1);
row(0x12, 0x12, KIND.returnCall, 3, 0);
row(0x13, 0x13, KIND.returnCallIndirect, 60, -1);
row(0x1a, 0x1a, KIND.plain, 1, -1); // drop
row(0x1b, 0x1b, KIND.plain, 1, -2); // select
row(0x1c, 0x1c, KIND.typedSelect, 1, -2);
row(0x20, 0x20, KIND.index, 1, 1); // local.get
row(0x21, 0x21, KIND.index, 1, -1); // local.set
row(0x22, 0x22, KIND.index, 1, 0); // local.tee
row(0x23, 0x23, KIND.index, 2, 1); // global.get
row(0x24, 0x24, KIND.index, 2, -1); // global.set
row(0x25, 0x25, KIND.index, 5, 0); // table.get
row(0x26, 0x26, KIND.tableSet, 5, -2);
row(0x28, 0x35, KIND.load, 1, 0);
row(0x36, 0x3e, KIND.store, 1, -2);
row(0x3f, 0x3f, KIND.memorySize, 20, 1);
row(0x40, 0x40, KIND.memoryGrow, 300, 0);
row(0x41, 0x41, KIND.leb32, 1, 1);
row(0x42, 0x42, KIND.leb64, 1, 1);
row(0x43, 0x43, KIND.bytes4, 1, 1);
row(0x44, 0x44, KIND.bytes8, 1, 1);
row(0x45, 0x45, KIND.plain, 1, 0); // i32.eqz
row(0x46, 0x4f, KIND.plain, 1, -1);
row(0x50, 0x50, KIND.plain, 1, 0); // i64.eqz
row(0x51, 0x5a, KIND.plain, 1, -1);
row(0x5b, 0x66, KIND.plain, 3, -1); // float comparisons
row(0x67, 0x69, KIND.plain, 1, 0);
row(0x6a, 0x6c, KIND.plain, 1, -1);
row(0x6d, 0x70, KIND.plain, 10, -1); // i32 div, rem
row(0x71, 0x78, KIND.plain, 1, -1);
row(0x79, 0x7b, KIND.plain, 1, 0);
row(0x7c, 0x7e, KIND.plain, 1, -1);
row(0x7f, 0x82, KIND.plain, 10, -1); // i64 div, rem
row(0x83, 0x8a, KIND.plain, 1, -1);
row(0x8b, 0x8c, KIND.plain, 1, 0); // f32 abs, neg keep bits
row(0x8d, 0x90, KIND.float32, 2, 0);
row(0x91, 0x91, KIND.float32, 5, 0); // sqrt
row(0x92, 0x94, KIND.float32, 2, -1);
row(0x95, 0x95, KIND.float32, 3, -1); // div
row(0x96, 0x97, KIND.float32, 18, -1); // min, max
row(0x98, 0x98, KIND.plain, 2, -1); // copysign
row(0x99, 0x9a, KIND.plain, 1, 0);
row(0x9b, 0x9e, KIND.float64, 2, 0);
row(0x9f, 0x9f, KIND.float64, 8, 0);
row(0xa0, 0xa2, KIND.float64, 2, -1);
row(0xa3, 0xa3, KIND.float64, 5, -1);
row(0xa4, 0xa5, KIND.float64, 18, -1);
row(0xa6, 0xa6, KIND.plain, 3, -1);
row(0xa7, 0xa7, KIND.plain, 1, 0);
row(0xa8, 0xab, KIND.plain, 20, 0);
row(0xac, 0xad, KIND.plain, 1, 0);
row(0xae, 0xb1, KIND.plain, 20, 0);
for (const signed of [0xb2, 0xb4, 0xb7, 0xb9]) { row(signed, signed, KIND.plain, 3, 0); row(signed + 1, signed + 1, KIND.plain, 16, 0); }
row(0xb6, 0xb6, KIND.float32, 1, 0); // demote
row(0xbb, 0xbb, KIND.float64, 1, 0); // promote
row(0xbc, 0xc4, KIND.plain, 1, 0);
/** 1 for instructions of `KIND.plain` and `KIND.index` that may trap: divisions, truncations, `table.get`. */
export const traps = new Uint8Array(256);
for (const [from, to] of [[0x25, 0x25], [0x6d, 0x70], [0x7f, 0x82], [0xa8, 0xab], [0xae, 0xb1]] as const) traps.fill(1, from, to + 1);

row(0xd0, 0xd0, KIND.refNull, 1, 1);
row(0xd1, 0xd1, KIND.plain, 5, 0);
row(0xd2, 0xd2, KIND.refFunc, 130, 1);
row(0xfc, 0xfc, KIND.prefixFc, 0, 0);
row(0xfd, 0xfd, KIND.prefixFd, 0, 0);

/** `0xfc n`: saturating truncations, bulk memory, tables. */
export const bulkWeights: readonly number[] = [20, 20, 20, 20, 20, 20, 20, 20, 100, 300, 100, 100, 100, 300, 100, 300, 100, 100];
export const bulkHeights: readonly number[] = [0, 0, 0, 0, 0, 0, 0, 0, -3, 0, -3, -3, -3, 0, -3, -1, 1, -3];

/** `0xfd n`, fixed-width SIMD. */
export const SIMD = { refused: 0, plain: 1, load: 2, store: 3, lane: 4, loadLane: 5, storeLane: 6, bytes16: 7, float32: 8, float64: 9 } as const;
export const simdKinds = new Uint8Array(256);
export const simdWeights = new Uint8Array(256);
export const simdHeights = new Int8Array(256);

function lanes(kind: number, height: number, ...ranges: readonly (readonly [number, number])[]): void {
  for (const [from, to] of ranges) for (let op = from; op <= to; op++) { simdKinds[op] = kind; simdWeights[op] = 1; simdHeights[op] = height; }
}
lanes(SIMD.load, 0, [0, 10], [92, 93]);
lanes(SIMD.store, -2, [11, 11]);
lanes(SIMD.bytes16, 1, [12, 12]);
lanes(SIMD.bytes16, -1, [13, 13]);
lanes(SIMD.plain, 0, [15, 20], [77, 77], [83, 83], [96, 100], [124, 129], [131, 132], [135, 138], [160, 161], [163, 164], [167, 170], [192, 193], [195, 196],
  [199, 202], [224, 225], [236, 237], [248, 255]);
lanes(SIMD.plain, -1, [14, 14], [35, 76], [78, 81], [101, 102], [107, 115], [118, 121], [123, 123], [130, 130], [133, 134], [139, 147], [149, 153], [155, 159],
  [171, 174], [177, 177], [181, 186], [188, 191], [203, 206], [209, 209], [213, 223], [234, 235], [246, 247]);
lanes(SIMD.plain, -2, [82, 82]);
lanes(SIMD.lane, 0, [21, 22], [24, 25], [27, 27], [29, 29], [31, 31], [33, 33]);
lanes(SIMD.lane, -1, [23, 23], [26, 26], [28, 28], [30, 30], [32, 32], [34, 34]);
lanes(SIMD.loadLane, -1, [84, 87]);
lanes(SIMD.storeLane, -2, [88, 91]);
lanes(SIMD.float32, 0, [94, 94], [103, 106], [227, 227]);
lanes(SIMD.float32, -1, [228, 233]);
lanes(SIMD.float64, 0, [95, 95], [116, 117], [122, 122], [148, 148], [239, 239]);
lanes(SIMD.float64, -1, [240, 245]);
const heavier: Readonly<Record<number, readonly number[]>> = {
  2: [38, 40, 48, 50, 58, 60, 103, 104, 105, 106, 109, 116, 117, 122, 125, 139, 140, 141, 148, 157, 159, 171, 172, 173, 181, 188, 189, 190, 191, 203, 205,
    224, 225, 228, 229, 230, 236, 237, 240, 241, 242, 248, 252],
  3: [13, 98, 107, 108, 127, 204, 253], 4: [213, 232, 233, 244, 249, 251], 5: [227, 245], 10: [231], 12: [243], 14: [239],
};
for (const [weight, ops] of Object.entries(heavier)) for (const op of ops) simdWeights[op] = Number(weight);
