import { callManagement, principalOf } from "../../client/management.ts";
import type { CommandContext, Shown } from "../../context/context.ts";
import { connect } from "../connect.ts";
import { resolveCanister } from "../resolveCanister.ts";
import type { CanisterInput } from "./chosen.ts";
import { settingsDocument, settingsLines, type VisibilityValue } from "./settingsText.ts";
import type { StatusValue } from "./status.ts";

/** `icx canister settings show`. @throws IcxError ICX6001 */
export async function showSettings(context: CommandContext, input: CanisterInput): Promise<Shown> {
  const connection = await connect(context, input), id = resolveCanister(connection, input.canister);
  const { settings } = await callManagement(connection.client, "canister_status", { canister_id: principalOf(id) }, id) as StatusValue;
  return { text: settingsLines(settings, "settings").join("\n"), data: settingsDocument(settings, visibilityDocument) };
}

/** icp-cli shows visibility in its settings in candid's words. */
const visibilityDocument = (value: VisibilityValue): unknown => ("allowed_viewers" in value ? { allowed_viewers: value.allowed_viewers.map((viewer) => viewer.toText()) } : "public" in value ? "public" : "controllers");
