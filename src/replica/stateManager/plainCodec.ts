import { decodeState, encodeState } from "../codec/stateCodec.ts";

/** Canonical bytes of a plain record, for a node's own records in its store. @throws InvariantError for what is not plain data */
export const encodePlain = (value: unknown): Uint8Array => encodeState(value);
/** The record again. @throws DamagedState */
export const decodePlain = (bytes: Uint8Array): unknown => decodeState(bytes);
