import { type Result, err, ok } from "../../types/index.ts";
import type { RequestRefusal } from "../../interfaces/ingress.ts";

/** Interface spec, "Authentication". */
export const NONCE_BYTES_MAX = 32;
/** Interface spec, "Request: Read state". */
export const PATHS_MAX = 1000;
export const LABELS_PER_PATH_MAX = 127;

/** Interface spec, "Authentication": a nonce has at most 32 bytes. */
export const checkNonce = (nonce: Uint8Array | undefined): Result<void, RequestRefusal> =>
  nonce !== undefined && nonce.length > NONCE_BYTES_MAX ? err({ kind: "nonceTooBig", bytes: nonce.length, bytesMax: NONCE_BYTES_MAX }) : ok(undefined);

/** Interface spec, "Request: Read state": at most 1000 paths of at most 127 labels. */
export function checkPaths(paths: readonly (readonly Uint8Array[])[]): Result<void, RequestRefusal> {
  if (paths.length > PATHS_MAX) return err({ kind: "tooManyPaths", count: paths.length, countMax: PATHS_MAX });
  const long = paths.find((path) => path.length > LABELS_PER_PATH_MAX);
  return long === undefined ? ok(undefined) : err({ kind: "pathTooLong", count: long.length, countMax: LABELS_PER_PATH_MAX });
}
