import { createHash } from "node:crypto";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import type { NetworkClient } from "./createClient.ts";
import { callManagement, codes, hintFor, principalOf, rejectionDetails } from "./management.ts";

const INLINE_BYTES_MAX = 1_800_000; // an ingress message is at most 2 MiB, envelope and argument included
const CHUNK_BYTES = 1_048_576; // interface spec, "upload_chunk": at most 1 MiB
const CHUNKS_AT_ONCE = 4;

export interface Installation {
  readonly name: string;
  readonly canister: string;
  readonly mode: "install" | "reinstall" | "upgrade";
  readonly wasm: Uint8Array;
  readonly arg: Uint8Array;
  /** The module keeps its main memory over upgrades (Motoko's enhanced orthogonal persistence). */
  readonly keepsMemory: boolean;
}

/** Installs a module, in chunks when one message is too small for it. @throws IcxError ICX6002 */
export async function installModule(client: NetworkClient, { name, canister, mode, wasm, arg, keepsMemory }: Installation): Promise<void> {
  const target = principalOf(canister);
  const wanted = mode === "upgrade" ? { upgrade: keepsMemory ? [{ skip_pre_upgrade: [], wasm_memory_persistence: [{ keep: null }] }] : [] } : { [mode]: null };
  const call = (method: string, argument: unknown): Promise<unknown> => callManagement(client, method, argument, canister, (rejection) =>
    new IcxError(ERRORS.canister.installFailed, { name, message: rejection.message, ...codes(rejection), hint: hintFor(rejection, name) }, { details: rejectionDetails(rejection) }));
  if (wasm.length + arg.length <= INLINE_BYTES_MAX) {
    await call("install_code", { mode: wanted, canister_id: target, wasm_module: wasm, arg });
    return;
  }
  await call("clear_chunk_store", { canister_id: target });
  try {
    const hashes: Uint8Array[] = [], starts = Array.from({ length: Math.ceil(wasm.length / CHUNK_BYTES) }, (_, index) => index * CHUNK_BYTES);
    for (let first = 0; first < starts.length; first += CHUNKS_AT_ONCE) {
      const answers = await Promise.all(starts.slice(first, first + CHUNKS_AT_ONCE).map((at) => call("upload_chunk", { canister_id: target, chunk: wasm.subarray(at, at + CHUNK_BYTES) })));
      for (const answer of answers) hashes.push((answer as { readonly hash: Uint8Array }).hash);
    }
    await call("install_chunked_code", { mode: wanted, target_canister: target, store_canister: [], chunk_hashes_list: hashes.map((hash) => ({ hash })), wasm_module_hash: createHash("sha256").update(wasm).digest(), arg });
  } finally { await call("clear_chunk_store", { canister_id: target }).catch(() => undefined); } // chunks cost memory; what went wrong before is what counts
}
