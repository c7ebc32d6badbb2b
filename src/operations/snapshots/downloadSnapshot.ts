import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { callManagement, principalOf } from "../../client/management.ts";
import type { CommandContext, Shown } from "../../context/context.ts";
import { ERRORS } from "../../errors/catalogue.ts";
import { IcxError } from "../../errors/icxError.ts";
import { connect } from "../connect.ts";
import { resolveCanister } from "../resolveCanister.ts";
import { CHUNK_BYTES, PARTS, isEmpty, snapshotFolder, writing, type Part, type SnapshotFolder } from "./snapshotFolder.ts";
import { idText, snapshotId } from "./snapshotId.ts";
import { printMetadata, type SnapshotMetadata } from "./snapshotMetadata.ts";
import { sizeText, takenText } from "./snapshotText.ts";
import type { SnapshotInput } from "./snapshotVerbs.ts";
import { transfer } from "./transfer.ts";

export interface DownloadInput extends SnapshotInput { readonly output: string; readonly resume: boolean }
/** icp-cli's own: everything before `frontier` is there, and the chunks that begin at `ahead`. */
interface PartProgress { frontier: number; ahead: number[] }

/** `icx canister snapshot download`: in chunks, into a folder as icp-cli and dfx write it. @throws IcxError ICX1010, ICX1011, ICX5001, ICX5017, ICX5018, ICX5019, ICX6001 */
export async function downloadSnapshot(context: CommandContext, input: DownloadInput): Promise<Shown> {
  const { ui, io } = context, { canister } = input, bytes = snapshotId(input.snapshot, "download"), hex = idText(bytes), folder = snapshotFolder(resolve(io.cwd, input.output));
  const known = input.resume ? folder.readMetadata() : undefined;
  if (input.resume && known === undefined) throw new IcxError(ERRORS.arguments.nothingToResume, { folder: folder.path, what: "download" });
  if (!input.resume && !isEmpty(folder.path)) throw new IcxError(ERRORS.arguments.folderHoldsFiles, { folder: folder.path });
  const connection = await connect(context, input), id = resolveCanister(connection, canister), target = { canister_id: principalOf(id), snapshot_id: bytes };
  const metadata = await callManagement(connection.client, "read_canister_snapshot_metadata", target, id) as SnapshotMetadata;
  if (known !== undefined && printMetadata(known) !== printMetadata(metadata)) throw new IcxError(ERRORS.arguments.invalidSnapshot, { file: join(folder.path, "metadata.json"), problem: `it is of another snapshot than ${hex}` });
  const sizes: Readonly<Record<Part, number>> = { wasm_module: Number(metadata.wasm_module_size), wasm_memory: Number(metadata.wasm_memory_size), stable_memory: Number(metadata.stable_memory_size) };
  const total = metadata.wasm_module_size + metadata.wasm_memory_size + metadata.stable_memory_size, read = async (kind: object): Promise<Uint8Array> =>
    Uint8Array.from((await callManagement(connection.client, "read_canister_snapshot_data", { ...target, kind }, id) as { readonly chunk: Uint8Array }).chunk);
  ui.report({ kind: "note", text: `Downloading snapshot ${hex} of ${canister} (${id}), taken at ${takenText(metadata.taken_at_timestamp)}: ${sizeText(total)}` });
  folder.writeMetadata(metadata);
  const progress = readProgress(folder);
  folder.writeProgress("download", progress);
  for (const [part, words] of PARTS) {
    using file = folder.create(part, sizes[part]);
    const done = progress[part];
    await transfer({
      report: ui.report, step: "Downloaded", subject: words, bytes: sizes[part], from: done.frontier, has: (at) => done.ahead.includes(at), interrupted: io.interrupted,
      move: async (at, size) => file.write(at, await read({ [part]: { offset: BigInt(at), size: BigInt(size) } })),
      reached: (frontier) => { done.frontier = frontier; done.ahead = done.ahead.filter((at) => at >= frontier); folder.writeProgress("download", progress); },
    });
  }
  writing(folder.path, () => mkdirSync(join(folder.path, "wasm_chunk_store"), { recursive: true }));
  for (const { hash } of metadata.wasm_chunk_store) {
    const file = folder.chunkFile(Uint8Array.from(hash));
    if (existsSync(file)) continue;
    const chunk = await read({ wasm_chunk: { hash } });
    writing(file, () => { writeFileSync(`${file}.new`, chunk); renameSync(`${file}.new`, file); });
  }
  folder.removeProgress("download");
  return { text: `Snapshot downloaded to ${input.output}`, data: { snapshot_id: hex, canister, id, folder: folder.path, total_size_bytes: total } };
}

function readProgress(folder: SnapshotFolder): Readonly<Record<Part, PartProgress>> {
  const found = folder.readProgress("download"), of = (part: Part): PartProgress => {
    const { frontier, ahead } = (found?.[part] ?? {}) as { readonly frontier?: unknown; readonly ahead?: unknown };
    const whole = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
    return { frontier: whole(frontier) ? Math.floor(frontier / CHUNK_BYTES) * CHUNK_BYTES : 0, ahead: Array.isArray(ahead) ? ahead.filter(whole) : [] };
  };
  return { wasm_module: of("wasm_module"), wasm_memory: of("wasm_memory"), stable_memory: of("stable_memory") };
}
