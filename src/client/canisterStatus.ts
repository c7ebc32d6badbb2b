import { IDL } from "@dfinity/candid";
import type { NetworkClient } from "./createClient.ts";
import { MANAGEMENT_CANISTER, principalOf, rejectionError } from "./management.ts";
import { managementTypes } from "./managementTypes.ts";
import type { DefiniteSettings } from "./settingsRecord.ts";

const METHOD = "canister_status";

/** What `canister_status` tells a controller (interface spec, 5.1). */
export interface CanisterStatus {
  readonly status: "running" | "stopping" | "stopped";
  /** SHA-256 of the module, hex; undefined for an empty canister. */
  readonly moduleHash: string | undefined;
  readonly settings: DefiniteSettings;
}

/**
 * Asks the network about a canister. The user's own network answers at once, as a query: it makes no block, and what proves several answers is the same; another one has to agree on its answer. @throws IcxError
 * ICX6001
 */
export async function canisterStatus(client: NetworkClient, id: string): Promise<CanisterStatus> {
  const { args, results } = managementTypes(METHOD), bytes = IDL.encode(args, [{ canister_id: principalOf(id) }]);
  const answer = client.target.managed ? await client.query(MANAGEMENT_CANISTER, METHOD, bytes, id) : await client.update(MANAGEMENT_CANISTER, METHOD, bytes, id);
  if (answer.kind === "reject") throw rejectionError(MANAGEMENT_CANISTER, METHOD, answer.rejection, id);
  const [found] = IDL.decode(results, answer.value.reply) as unknown as readonly [{ readonly status: object; readonly module_hash: readonly Uint8Array[]; readonly settings: DefiniteSettings }];
  const [hash] = found.module_hash, [status] = Object.keys(found.status);
  return { status: status as CanisterStatus["status"], moduleHash: hash === undefined ? undefined : Buffer.from(hash).toString("hex"), settings: found.settings };
}
