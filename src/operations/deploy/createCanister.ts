import { callManagement, principalOf } from "../../client/management.ts";
import { settingsRecord, type SettingsChange } from "../../client/settingsRecord.ts";
import type { Connection } from "../connect.ts";

/** A canister to be made. */
export interface Creation {
  /** Its name in the project: the id is recorded under it; undefined for a canister of no project. */
  readonly name: string | undefined;
  readonly settings: SettingsChange;
  /** The network's default amount when absent. */
  readonly cycles?: bigint | undefined;
  readonly specifiedId?: string | undefined;
}

/** Creates an empty canister and records its id at once, so that an interruption loses nothing. @throws IcxError ICX6001 */
export async function createCanister({ client, ids, target, identity }: Pick<Connection, "client" | "ids" | "target" | "identity">, { name, settings, cycles, specifiedId }: Creation): Promise<string> {
  const { controllers } = settings;
  const answer = await callManagement(client, "provisional_create_canister_with_cycles", {
    amount: cycles === undefined ? [] : [cycles], specified_id: specifiedId === undefined ? [] : [principalOf(specifiedId)],
    settings: [settingsRecord({ ...settings, ...(controllers === undefined ? {} : { controllers: [...new Set([identity.principal, ...controllers])] }) })],
  }, specifiedId ?? target.effectiveCanisterId ?? await subnetOf(target)) as { readonly canister_id: { toText(): string } };
  const id = answer.canister_id.toText();
  if (name !== undefined) ids.set(name, id);
  return id;
}

/** Where a network of which only the address is known makes new canisters. */
const subnetOf = async (target: Connection["target"]): Promise<string> => (await import("../../client/effectiveCanister.ts")).effectiveCanister(target);
