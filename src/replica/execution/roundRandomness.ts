import { hash } from "node:crypto";

/** The round's random tape as a stream of 32-byte values: SHA-256 of the tape and a counter. */
export function roundRandomness(tape: Uint8Array): () => Uint8Array {
  let counter = 0;
  return () => {
    const number = Buffer.alloc(8);
    number.writeBigUInt64BE(BigInt(counter++));
    return new Uint8Array(hash("sha256", Buffer.concat([tape, number]), "buffer"));
  };
}
