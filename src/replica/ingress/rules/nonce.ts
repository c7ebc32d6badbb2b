import { type Result, err, ok } from "../../types/index.ts";
import type { RequestRefusal } from "../../interfaces/ingress.ts";

/** Interface spec, "Authentication". */
export const NONCE_BYTES_MAX = 32;
/** Interface spec, "Authentication": a nonce has at most 32 bytes. */
export const checkNonce = (nonce: Uint8Array | undefined): Result<void, RequestRefusal> =>
  nonce !== undefined && nonce.length > NONCE_BYTES_MAX ? err({ kind: "nonceTooBig", bytes: nonce.length, bytesMax: NONCE_BYTES_MAX }) : ok(undefined);
