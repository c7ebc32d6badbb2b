/** Order of G1, G2 and GT of BLS12-381 (draft-irtf-cfrg-pairing-friendly-curves §4.2.1). */
export const BLS_ORDER = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001n;

/** Every scalar that the key generation computes comes out of here: tests put an instrument in its place, which knows what must never come out. */
export const modulo = (value: bigint): bigint => { const rest = value % BLS_ORDER; return rest < 0n ? rest + BLS_ORDER : rest; };
