import { canisterStatus } from "../../client/canisterStatus.ts";
import { callManagement, principalOf } from "../../client/management.ts";
import type { CommandContext, Shown } from "../../context/context.ts";
import { ERRORS } from "../../errors/catalogue.ts";
import { IcxError } from "../../errors/icxError.ts";
import type { CanisterInput } from "../canister/chosen.ts";
import { connect, type Connection } from "../connect.ts";
import { resolveCanister } from "../resolveCanister.ts";
import { idText, snapshotId } from "./snapshotId.ts";
import { sizeText, takenText } from "./snapshotText.ts";

interface Snapshot { readonly id: Uint8Array; readonly taken_at_timestamp: bigint; readonly total_size: bigint }
const documentOf = ({ id, taken_at_timestamp, total_size }: Snapshot): Readonly<Record<string, unknown>> => ({ snapshot_id: idText(id), taken_at_timestamp, total_size_bytes: total_size });

/** Messages that are under way would be lost or answered twice. @throws IcxError ICX6001, ICX6015 */
async function mustBeStopped({ client }: Connection, name: string, id: string): Promise<void> {
  const { status } = await canisterStatus(client, id);
  if (status !== "stopped") throw new IcxError(ERRORS.canister.notStopped, { name, status }, { details: { canister: id, status } });
}

/** `icx canister snapshot create`. @throws IcxError ICX5001, ICX6001, ICX6015 */
export async function createSnapshot(context: CommandContext, input: CanisterInput & { readonly replace: string | undefined }): Promise<Shown> {
  const { canister } = input, replaced = input.replace === undefined ? undefined : snapshotId(input.replace, "create"), connection = await connect(context, input), id = resolveCanister(connection, canister);
  await mustBeStopped(connection, canister, id);
  const taken = await callManagement(connection.client, "take_canister_snapshot", { canister_id: principalOf(id), replace_snapshot: replaced === undefined ? [] : [replaced] }, id) as Snapshot;
  const hex = idText(taken.id), lines = [`Created snapshot ${hex} for canister ${canister} (${id})`, `  Timestamp: ${takenText(taken.taken_at_timestamp)}`, `  Size: ${sizeText(taken.total_size)}`];
  return { text: context.options.quiet ? hex : lines.join("\n"), data: documentOf(taken) };
}

/** `icx canister snapshot list`: oldest first. @throws IcxError ICX6001 */
export async function listSnapshots(context: CommandContext, input: CanisterInput): Promise<Shown> {
  const connection = await connect(context, input), id = resolveCanister(connection, input.canister);
  const found = await callManagement(connection.client, "list_canister_snapshots", { canister_id: principalOf(id) }, id) as readonly Snapshot[];
  const lines = found.map((one) => `  ${idText(one.id)}: ${sizeText(one.total_size)}, taken at ${takenText(one.taken_at_timestamp)}`);
  const text = context.options.quiet ? found.map((one) => idText(one.id)).join("\n") : found.length === 0 ? `No snapshots for canister ${input.canister} (${id}).` : [`Snapshots for canister ${input.canister} (${id}):`, ...lines].join("\n");
  return { text, data: { snapshots: found.map(documentOf) } };
}

/** One snapshot of one canister. */
export interface SnapshotInput extends CanisterInput { readonly snapshot: string }

/** `icx canister snapshot restore`: asks. @throws IcxError ICX5001, ICX5009, ICX6001, ICX6015 */
export async function restoreSnapshot(context: CommandContext, input: SnapshotInput): Promise<Shown> {
  const { canister } = input, bytes = snapshotId(input.snapshot, "restore"), connection = await connect(context, input), id = resolveCanister(connection, canister);
  await mustBeStopped(connection, canister, id);
  await context.ui.confirm(`Restoring ${canister} from ${idText(bytes)} replaces its module and state. Continue?`);
  await callManagement(connection.client, "load_canister_snapshot", { canister_id: principalOf(id), snapshot_id: bytes }, id);
  return { text: `Restored canister ${canister} (${id}) from snapshot ${idText(bytes)}. Start it with \`icx canister start ${canister}\`.`, data: { canister, id, snapshot_id: idText(bytes), restored: true } };
}

/** `icx canister snapshot delete`: asks. @throws IcxError ICX5001, ICX5009, ICX6001 */
export async function deleteSnapshot(context: CommandContext, input: SnapshotInput): Promise<Shown> {
  const { canister } = input, bytes = snapshotId(input.snapshot, "delete"), connection = await connect(context, input), id = resolveCanister(connection, canister);
  await context.ui.confirm(`Deleting snapshot ${idText(bytes)} of ${canister} cannot be undone. Continue?`);
  await callManagement(connection.client, "delete_canister_snapshot", { canister_id: principalOf(id), snapshot_id: bytes }, id);
  return { text: `Deleted snapshot ${idText(bytes)} from canister ${canister} (${id})`, data: { canister, id, snapshot_id: idText(bytes), deleted: true } };
}
