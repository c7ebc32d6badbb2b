import type { MessagePort } from "node:worker_threads";
import type { ExecutionState } from "../../state/canisterState.ts";
import { PAGE_BYTES, PagedMemory } from "../../state/pagedMemory.ts";
import type { NetworkTopology } from "../../state/replicatedState.ts";
import type { SubnetParams } from "../../params/subnetParams.ts";
import type { CanisterId, SubnetId, Time, UserError } from "../../types/index.ts";
import type { Executed, Execution } from "../hypervisor.ts";
import { subnetViewOf } from "../subnetViewOf.ts";
import type { Host, MessagesTaken } from "../systemApi/host.ts";
import type { LongJob } from "./longRun.ts";
import type { Permits } from "./permits.ts";

/** Pages of a memory for another thread: indexes, and the pages one after the other in pieces. */
export interface PackedPages { readonly wasmPages: number; readonly indexes: Uint32Array; readonly pieces: readonly Uint8Array[] }
/** Places in the shared control block: slices allowed, slices that were used up, whether the outcome is there, and how often one of the last two changed. */
export const CONTROL = { allowed: 0, used: 1, done: 2, events: 3 } as const;
export const CONTROL_BYTES = 16;

type PlainWhat = Omit<Execution, "execution" | "callsInFlight" | "dataCertificate">;
/** What a helper thread is sent. */
export interface StartRun {
  readonly control: Int32Array;
  /** Number of the run, and what it needs while it runs; absent for queries, which hold up no round. */
  readonly id: number;
  readonly permits?: Permits;
  /** For the outcome: the first thread takes it from there also while it may not return to its event loop. */
  readonly port: MessagePort;
  readonly what: PlainWhat;
  /** Present when the message may ask for one. */
  readonly certificate?: { readonly bytes: Uint8Array | undefined };
  readonly execution: Omit<ExecutionState, "heap" | "stable">;
  /** Wasm pages; what was written follows in pieces. */
  readonly heapPages: number;
  readonly stablePages: number;
  readonly inFlight: LongJob["inFlight"];
  readonly subnet: { readonly subnetId: SubnetId; readonly topology: NetworkTopology; readonly params: SubnetParams; readonly time: Time; readonly memoryTaken: bigint; readonly messagesTaken: MessagesTaken };
  readonly sliceInstructions: bigint;
}
/** A part of the canister's memories. The helper answers each, and the start, with `MORE`; after the last one it is told to run. */
export interface MemoryPiece { readonly which: "heap" | "stable"; readonly indexes: Uint32Array; readonly bytes: Uint8Array }
export const MORE = "more", RUN = "run";
type Effects = Omit<Host, "input" | "memory">;
/** What it answers. */
export type RunEnd =
  | { readonly kind: "trapped"; readonly used: bigint; readonly error: UserError; readonly effects: Effects }
  | { readonly kind: "returned"; readonly used: bigint; readonly heap: PackedPages; readonly stable: PackedPages; readonly globals: Uint8Array; readonly effects: Effects }
  | { readonly kind: "fault"; readonly message: string };

/** Pages in a piece: 16 MiB take the first thread some milliseconds, in which it answers nobody. */
const SENT_PIECE_PAGES = 4096, ANSWERED_PIECE_PAGES = 64;

function pack(pages: readonly (readonly [number, Uint8Array])[], wasmPages: number, piecePages: number): PackedPages {
  const pieces: Uint8Array[] = [], indexes = new Uint32Array(pages.length);
  for (let start = 0; start < pages.length; start += piecePages) {
    const piece = new Uint8Array(Math.min(piecePages, pages.length - start) * PAGE_BYTES);
    for (let i = 0; i * PAGE_BYTES < piece.length; i++) { const [index, bytes] = pages[start + i]!; indexes[start + i] = index; piece.set(bytes, i * PAGE_BYTES); }
    pieces.push(piece);
  }
  return { wasmPages, indexes, pieces };
}
function* unpack({ indexes, pieces }: PackedPages): Generator<readonly [number, Uint8Array]> {
  let at = 0;
  for (const piece of pieces) for (let offset = 0; offset < piece.length; offset += PAGE_BYTES) yield [indexes[at++]!, piece.subarray(offset, offset + PAGE_BYTES)];
}
function* piecesOf(memory: PagedMemory, which: MemoryPiece["which"]): Generator<MemoryPiece> {
  let indexes = new Uint32Array(SENT_PIECE_PAGES), bytes = new Uint8Array(SENT_PIECE_PAGES * PAGE_BYTES), count = 0;
  for (const [index, page] of memory.pages()) {
    indexes[count] = index;
    bytes.set(page, count++ * PAGE_BYTES);
    if (count < SENT_PIECE_PAGES) continue;
    yield { which, indexes, bytes };
    indexes = new Uint32Array(SENT_PIECE_PAGES);
    bytes = new Uint8Array(SENT_PIECE_PAGES * PAGE_BYTES);
    count = 0;
  }
  if (count > 0) yield { which, indexes: indexes.slice(0, count), bytes: bytes.slice(0, count * PAGE_BYTES) };
}
/** The canister's memories, copied piece by piece: they never change, so that it does not matter when. */
export function* memoryPieces({ what: { execution: { heap, stable } } }: LongJob): Generator<MemoryPiece> {
  yield* piecesOf(heap, "heap");
  yield* piecesOf(stable, "stable");
}
/** The memory with a piece put in. */
export const withPiece = (memory: PagedMemory, { indexes, bytes }: MemoryPiece): PagedMemory => memory.with(unpack({ wasmPages: memory.wasmPages, indexes, pieces: [bytes] }));
const packChanges = (after: PagedMemory, before: PagedMemory): PackedPages =>
  pack([...after.changesSince(before)].map(([index, bytes]) => [index, bytes ?? new Uint8Array(PAGE_BYTES)]), after.wasmPages, ANSWERED_PIECE_PAGES);
const apply = (memory: PagedMemory, packed: PackedPages): PagedMemory => (packed.indexes.length === 0 && packed.wasmPages === memory.wasmPages ? memory : memory.with(unpack(packed), packed.wasmPages));

/** The job as it is sent, but for the memories. */
export function startOf({ what, subnet, topology, inFlight, sliceInstructions }: LongJob, door: Pick<StartRun, "control" | "port" | "id" | "permits">): StartRun {
  const { execution: { heap, stable, ...execution }, callsInFlight: _calls, dataCertificate, system, ...plain } = what;
  const { settings, status, balance, reservedBalance, version, globalTimer, chunkStore, logs, history, snapshotBytes, messageBytes } = system;
  return {
    ...door, execution, ...(dataCertificate !== undefined && { certificate: { bytes: dataCertificate() } }), heapPages: heap.wasmPages, stablePages: stable.wasmPages, inFlight, sliceInstructions,
    what: { ...plain, system: { settings, status, balance, reservedBalance, version, globalTimer, chunkStore, logs, history, ...(snapshotBytes !== undefined && { snapshotBytes }), ...(messageBytes !== undefined && { messageBytes }) } },
    subnet: { subnetId: subnet.subnetId, topology, params: subnet.params, time: subnet.time, memoryTaken: subnet.memoryTaken?.() ?? 0n, messagesTaken: subnet.messagesTaken?.() ?? { guaranteed: 0, callbacks: 0 } },
  };
}
/** The job again, in the other thread. `begin` is called before each slice after the first. */
export function jobOf({ what, certificate, execution, inFlight, subnet: { memoryTaken, messagesTaken, ...plain }, sliceInstructions }: StartRun, memories: { readonly heap: PagedMemory; readonly stable: PagedMemory }, begin: (slice: number) => void): Pick<LongJob, "what" | "subnet"> {
  const calls = new Map(inFlight);
  return {
    what: {
      ...what, ...(certificate !== undefined && { dataCertificate: () => certificate.bytes }), callsInFlight: (peer: CanisterId) => calls.get(peer) ?? 0, slice: { instructions: sliceInstructions, begin },
      execution: { ...execution, ...memories },
    },
    subnet: { ...subnetViewOf(plain, plain.params, plain.time), memoryTaken: () => memoryTaken, messagesTaken: () => messagesTaken },
  };
}

/** The outcome as it is answered, and what of it moves instead of being copied. */
export function endOf({ outcome, host }: Executed, { execution }: Pick<Execution, "execution">): { readonly end: RunEnd; readonly moved: ArrayBuffer[] } {
  const { input: _input, memory: _memory, ...effects } = host;
  if (outcome.kind === "trapped") return { end: { kind: "trapped", used: outcome.used, error: outcome.error, effects }, moved: [] };
  const heap = packChanges(outcome.state.heap, execution.heap), stable = packChanges(outcome.state.stable, execution.stable);
  return {
    end: { kind: "returned", used: outcome.used, heap, stable, globals: outcome.state.globals, effects },
    moved: [...heap.pieces, ...stable.pieces].map(({ buffer }) => buffer as ArrayBuffer),
  };
}
/** The outcome again: over the memories that the first thread holds. `host` is a fresh record of the message. */
export function executedOf(end: Exclude<RunEnd, { kind: "fault" }>, { execution }: Pick<Execution, "execution">, host: Host): Executed {
  Object.assign(host, end.effects);
  if (end.kind === "trapped") return { outcome: { kind: "trapped", used: end.used, error: end.error }, host };
  const { heap, stable, globals } = execution, same = Buffer.compare(globals, end.globals) === 0;
  return { outcome: { kind: "returned", used: end.used, state: { heap: apply(heap, end.heap), stable: apply(stable, end.stable), globals: same ? globals : end.globals } }, host };
}
