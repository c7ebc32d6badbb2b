import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { callManagement, principalOf } from "../../client/management.ts";
import type { CommandContext, Shown } from "../../context/context.ts";
import { ERRORS } from "../../errors/catalogue.ts";
import { IcxError } from "../../errors/icxError.ts";
import type { CanisterInput } from "../canister/chosen.ts";
import { connect } from "../connect.ts";
import { resolveCanister } from "../resolveCanister.ts";
import { CHUNK_BYTES, PARTS, PROGRESS, reading, snapshotFolder, type Part, type SnapshotFolder } from "./snapshotFolder.ts";
import { idText, snapshotId } from "./snapshotId.ts";
import type { SnapshotMetadata } from "./snapshotMetadata.ts";
import { sizeText, takenText } from "./snapshotText.ts";
import { transfer } from "./transfer.ts";

export interface UploadInput extends CanisterInput { readonly input: string; readonly resume: boolean; readonly replace: string | undefined }
/** icp-cli's own file. */
interface Progress { snapshot_id: string; metadata_uploaded: boolean; wasm_module_offset: number; wasm_memory_offset: number; stable_memory_offset: number; wasm_chunks_uploaded: string[] }

/** `icx canister snapshot upload`: a folder as icp-cli and dfx write it becomes a snapshot. @throws IcxError ICX1010, ICX1011, ICX5001, ICX5018, ICX5019, ICX6001 */
export async function uploadSnapshot(context: CommandContext, input: UploadInput): Promise<Shown> {
  const { ui, io } = context, { canister } = input, replaced = input.replace === undefined ? undefined : snapshotId(input.replace, "upload"), folder = snapshotFolder(resolve(io.cwd, input.input));
  const metadata = folder.readMetadata();
  if (metadata === undefined) throw new IcxError(ERRORS.project.unreadableFile, { file: join(folder.path, "metadata.json"), reason: "ENOENT" });
  // files have their full size from the beginning: a download that was cut short looks whole
  if (folder.readProgress("download") !== undefined) throw new IcxError(ERRORS.arguments.invalidSnapshot, { file: join(folder.path, PROGRESS.download), problem: "its download was not finished" });
  const sizes: Readonly<Record<Part, number>> = { wasm_module: Number(metadata.wasm_module_size), wasm_memory: Number(metadata.wasm_memory_size), stable_memory: Number(metadata.stable_memory_size) };
  for (const [part] of PARTS) folder.open(part, sizes[part])[Symbol.dispose](); // before anything is sent
  const begun = input.resume ? readProgress(folder) : undefined;
  if (input.resume && begun === undefined) throw new IcxError(ERRORS.arguments.nothingToResume, { folder: folder.path, what: "upload" });
  const connection = await connect(context, input), id = resolveCanister(connection, canister), target = { canister_id: principalOf(id) };
  const total = metadata.wasm_module_size + metadata.wasm_memory_size + metadata.stable_memory_size;
  ui.report({ kind: "note", text: `Uploading the snapshot of ${takenText(metadata.taken_at_timestamp)} to ${canister} (${id}): ${sizeText(total)}` });
  const fresh = async (): Promise<Progress> => {
    const made = await callManagement(connection.client, "upload_canister_snapshot_metadata", { ...target, ...uploadArguments(metadata), replace_snapshot: replaced === undefined ? [] : [replaced] }, id) as { readonly snapshot_id: Uint8Array };
    return { snapshot_id: idText(made.snapshot_id), metadata_uploaded: true, wasm_module_offset: 0, wasm_memory_offset: 0, stable_memory_offset: 0, wasm_chunks_uploaded: [] };
  };
  const progress = begun ?? await fresh(), save = (): void => folder.writeProgress("upload", progress), hex = progress.snapshot_id, snapshot = snapshotId(hex, "upload");
  save();
  const write = async (kind: object, chunk: Uint8Array): Promise<void> => { await callManagement(connection.client, "upload_canister_snapshot_data", { ...target, snapshot_id: snapshot, kind, chunk }, id); };
  for (const [part, words] of PARTS) {
    using file = folder.open(part, sizes[part]);
    await transfer({
      report: ui.report, step: "Uploaded", subject: words, bytes: sizes[part], from: progress[`${part}_offset`], interrupted: io.interrupted,
      async move(at, size) {
        const chunk = file.read(at, size);
        if (part === "wasm_module" || !isZero(chunk)) await write({ [part]: { offset: BigInt(at) } }, chunk); // a new snapshot's memories are zeros
      },
      reached: (frontier) => { progress[`${part}_offset`] = frontier; save(); },
    });
  }
  for (const { hash } of metadata.wasm_chunk_store) {
    const name = idText(hash), file = folder.chunkFile(hash);
    if (progress.wasm_chunks_uploaded.includes(name)) continue;
    await write({ wasm_chunk: null }, reading(file, () => Uint8Array.from(readFileSync(file))));
    progress.wasm_chunks_uploaded.push(name);
    save();
  }
  folder.removeProgress("upload");
  return { text: context.options.quiet ? hex : `Snapshot ${hex} uploaded. Restore it with \`icx canister snapshot restore ${canister} ${hex}\`.`, data: { snapshot_id: hex } };
}

/** What a new snapshot is described by. */
export const uploadArguments = ({ wasm_module_size, globals, wasm_memory_size, stable_memory_size, certified_data, global_timer, on_low_wasm_memory_hook_status }: SnapshotMetadata): object =>
  ({ wasm_module_size, globals, wasm_memory_size, stable_memory_size, certified_data, global_timer, on_low_wasm_memory_hook_status });
/** New memories are zeros: such a chunk need not be sent. */
export const isZero = (chunk: Uint8Array): boolean => chunk.every((byte) => byte === 0);

function readProgress(folder: SnapshotFolder): Progress | undefined {
  const found = folder.readProgress("upload");
  if (found === undefined) return undefined;
  const offset = (part: Part): number => { const value = found[`${part}_offset`]; return Number.isSafeInteger(value) && (value as number) > 0 ? Math.floor(value as number / CHUNK_BYTES) * CHUNK_BYTES : 0; };
  const { snapshot_id: id, wasm_chunks_uploaded: chunks } = found;
  if (typeof id !== "string" || !/^([\da-f]{2})+$/.test(id)) throw new IcxError(ERRORS.arguments.invalidSnapshot, { file: join(folder.path, PROGRESS.upload), problem: "it names no snapshot" });
  return {
    snapshot_id: id, metadata_uploaded: true, wasm_module_offset: offset("wasm_module"), wasm_memory_offset: offset("wasm_memory"), stable_memory_offset: offset("stable_memory"),
    wasm_chunks_uploaded: Array.isArray(chunks) ? chunks.filter((name) => typeof name === "string") : [],
  };
}
