import { askOwner } from "../../client/askOwner.ts";
import { callManagement, principalOf } from "../../client/management.ts";
import type { NetworkClient } from "../../client/createClient.ts";
import type { CommandContext, Shown } from "../../context/context.ts";
import { ERRORS } from "../../errors/catalogue.ts";
import { IcxError } from "../../errors/icxError.ts";
import { connect } from "../connect.ts";
import { createCanister } from "../deploy/createCanister.ts";
import { resolveCanister } from "../resolveCanister.ts";
import { CHUNK_BYTES } from "../snapshots/snapshotFolder.ts";
import type { SnapshotMetadata } from "../snapshots/snapshotMetadata.ts";
import { isZero, uploadArguments } from "../snapshots/uploadSnapshot.ts";
import { type Subnet, readSubnets, subnetNamed } from "../subnets.ts";
import type { CanisterInput } from "./chosen.ts";
import { short } from "../../ui/shortId.ts";

interface Status { readonly status: Readonly<Record<string, null>>; readonly settings: Readonly<Record<string, unknown>>; readonly cycles: bigint }
const hexOf = (id: string): string => principalOf(id).toHex();
const hosts = ({ ranges }: Subnet, id: string): boolean => ranges.some(({ start, end }) => hexOf(start) <= hexOf(id) && hexOf(id) <= hexOf(end));

/** Takes a snapshot of one canister and makes it the state of another one, wherever that lives; nothing of it is left there but the state. */
async function copyState(client: NetworkClient, from: string, to: string): Promise<void> {
  const taken = await callManagement(client, "take_canister_snapshot", { canister_id: principalOf(from), replace_snapshot: [] }, from) as { readonly id: Uint8Array };
  const source = { canister_id: principalOf(from), snapshot_id: taken.id }, metadata = await callManagement(client, "read_canister_snapshot_metadata", source, from) as SnapshotMetadata;
  const read = async (kind: object): Promise<Uint8Array> => Uint8Array.from((await callManagement(client, "read_canister_snapshot_data", { ...source, kind }, from) as { readonly chunk: Uint8Array }).chunk);
  const made = await callManagement(client, "upload_canister_snapshot_metadata", { canister_id: principalOf(to), ...uploadArguments(metadata), replace_snapshot: [] }, to) as { readonly snapshot_id: Uint8Array };
  const target = { canister_id: principalOf(to), snapshot_id: made.snapshot_id }, write = async (kind: object, chunk: Uint8Array): Promise<void> => { await callManagement(client, "upload_canister_snapshot_data", { ...target, kind, chunk }, to); };
  for (const part of ["wasm_module", "wasm_memory", "stable_memory"] as const) {
    const bytes = Number(metadata[`${part}_size`]);
    for (let at = 0; at < bytes; at += CHUNK_BYTES) {
      const chunk = await read({ [part]: { offset: BigInt(at), size: BigInt(Math.min(CHUNK_BYTES, bytes - at)) } });
      if (part === "wasm_module" || !isZero(chunk)) await write({ [part]: { offset: BigInt(at) } }, chunk);
    }
  }
  for (const { hash } of metadata.wasm_chunk_store) await write({ wasm_chunk: null }, await read({ wasm_chunk: { hash } }));
  await callManagement(client, "load_canister_snapshot", { ...target, sender_canister_version: [] }, to);
  for (const [one, id] of [[target, to], [source, from]] as const) await callManagement(client, "delete_canister_snapshot", one, id);
}

/**
 * `icx canister migrate`: as people move canisters on mainnet since 2026, with the migration canister's part done by the network. Whatever fails
 * before the routing table changes leaves the canister where it was, as it was. @throws IcxError ICX2021, ICX5009, ICX6001, ICX6017
 */
export async function migrateCanister(context: CommandContext, input: CanisterInput & { readonly to: string }): Promise<Shown> {
  const connection = await connect(context, { ...input, localOnly: "icx canister migrate" }), { client, target } = connection, { canister: name } = input, id = resolveCanister(connection, name);
  const destination = await subnetNamed(target, input.to, "icx canister migrate --to"), from = (await readSubnets(target)).find((subnet) => hosts(subnet, id)), subnet = short(destination.id);
  const refuse = (reason: string): never => { throw new IcxError(ERRORS.canister.immovable, { name, subnet, reason }); };
  if (from === undefined || from.id === destination.id) refuse(from === undefined ? "no subnet of the network has its id" : "it is there already");
  if (from!.role === "root" || destination.role === "root") refuse("canisters of the root subnet do not move, nor do others there");
  const status = await callManagement(client, "canister_status", { canister_id: principalOf(id) }, id) as Status, wasRunning = "running" in status.status;
  await context.ui.confirm(`${name} (${id}) ${wasRunning ? "is stopped" : "is moved"} and goes on on the subnet ${subnet}: its snapshots and logs stay behind and are gone. Continue?`);
  const turn = async (to: "start" | "stop", one: string): Promise<void> => { await callManagement(client, `${to}_canister`, { canister_id: principalOf(one) }, one); };
  if (!("stopped" in status.status)) await turn("stop", id);
  let place: string | undefined;
  try {
    place = await createCanister({ ...connection, target: { ...target, effectiveCanisterId: destination.effectiveCanisterId } }, { name: undefined, settings: {}, cycles: status.cycles });
    await turn("stop", place);
    await copyState(client, id, place);
    const settings = Object.fromEntries(Object.entries(status.settings).map(([field, value]) => [field, [value]]));
    await callManagement(client, "update_settings", { canister_id: principalOf(place), settings, sender_canister_version: [] }, place);
    const response = await askOwner(target, "POST", `canisters/migrate?canister=${id}&replaces=${place}`, [409]);
    if (!response.ok) refuse(await response.text());
  } catch (error) {
    // Whatever these say, the first failure is what the user has to know; a canister whose move has begun is under nobody's control.
    if (place !== undefined) await callManagement(client, "delete_canister", { canister_id: principalOf(place) }, place).catch(() => undefined);
    if (wasRunning) await turn("start", id).catch(() => undefined);
    throw error;
  }
  if (wasRunning) await turn("start", id);
  return { text: `${name} (${id}) lives on the subnet ${subnet} now${wasRunning ? "" : ", stopped as it was"}.`, data: { canister: name, id, from: from!.id, to: destination.id, status: wasRunning ? "Running" : "Stopped" } };
}
