import type { NetworkClient } from "./createClient.ts";
import { callManagement, principalOf } from "./management.ts";
import type { DefiniteSettings } from "./settingsRecord.ts";

/** What `canister_status` tells a controller (interface spec, 5.1). */
export interface CanisterStatus {
  readonly status: "running" | "stopping" | "stopped";
  /** SHA-256 of the module, hex; undefined for an empty canister. */
  readonly moduleHash: string | undefined;
  readonly settings: DefiniteSettings;
}

/** Asks the network about a canister. @throws IcxError ICX6001 */
export async function canisterStatus(client: NetworkClient, id: string): Promise<CanisterStatus> {
  const found = await callManagement(client, "canister_status", { canister_id: principalOf(id) }, id) as { readonly status: object; readonly module_hash: readonly Uint8Array[]; readonly settings: DefiniteSettings };
  const [hash] = found.module_hash, [status] = Object.keys(found.status);
  return { status: status as CanisterStatus["status"], moduleHash: hash === undefined ? undefined : Buffer.from(hash).toString("hex"), settings: found.settings };
}
