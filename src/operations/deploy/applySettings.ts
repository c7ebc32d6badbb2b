import { callManagement, principalOf } from "../../client/management.ts";
import { missingSettings, settingsRecord, type DefiniteSettings, type SettingsChange } from "../../client/settingsRecord.ts";
import type { Connection } from "../connect.ts";

/** Gives a canister the settings that it does not have yet; says which were changed, undefined for none. @throws IcxError ICX6001 */
export async function applySettings({ client }: Pick<Connection, "client">, id: string, wanted: SettingsChange, current: DefiniteSettings): Promise<SettingsChange | undefined> {
  const missing = missingSettings(wanted, current);
  if (missing !== undefined) await updateSettings({ client }, id, missing);
  return missing;
}

/** Changes settings without asking what they are. @throws IcxError ICX6001 */
export async function updateSettings({ client }: Pick<Connection, "client">, id: string, change: SettingsChange): Promise<void> {
  await callManagement(client, "update_settings", { canister_id: principalOf(id), settings: settingsRecord(change) }, id);
}
