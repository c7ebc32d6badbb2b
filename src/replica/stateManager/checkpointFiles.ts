import { closeSync, fdatasync, openSync, readdirSync, rmSync, statSync, write } from "node:fs";
import { join } from "node:path";
import type { Hash } from "../types/index.ts";
import { DamagedState, decodeState, encodeState } from "../codec/stateCodec.ts";
import type { LoadedState } from "../interfaces/stateManager.ts";
import type { Certification } from "../interfaces/subnet.ts";
import { spareTurn } from "../runtime/foreground.ts";
import type { ReplicatedState } from "../state/replicatedState.ts";
import { HEAD_BYTES, readAt, readRecords, recordParts, syncDirectory } from "./recordFile.ts";
import { fullHash, stateObjectsOf } from "./fullHash.ts";
import { readState } from "./stateObjects.ts";
import { storeFailure } from "./storeFailure.ts";

/**
 * Checkpoints: each is one file, `checkpoint-<n>.pack`, with the objects that older files of its chain lack, and at its very end the
 * root. A file without its root does not count. The newest two checkpoints and the files that they build on are kept, so that losing
 * the newest file costs a longer replay and nothing else. When a chain has grown to twice the size of its first file, or
 * to 64 files, the next checkpoint starts a new one.
 */
interface Place { readonly offset: number; readonly length: number }
interface Root { readonly icx: string; readonly height: number; readonly fullHash: Hash<"State">; readonly certification: Certification | undefined; /** Numbers of the files that it needs, its own included. */ readonly chain: readonly number[]; readonly state: Uint8Array }
interface Pack { readonly number: number; readonly bytes: number; readonly objects: ReadonlyMap<string, Place>; readonly root: Root }

const NAME = /^checkpoint-(\d{8})\.pack$/;
const KIND = { object: 0x4f, root: 0x52 } as const; // "O", "R"
/** A digest's name: one character for the kind, 32 for the digest. */
const NAME_BYTES = 33;
const BATCH_BYTES = 4 << 20;
/** A chain may hold this much beside twice its first file before a new one begins. */
const SLACK_BYTES = 16 << 20;
/** Files of a chain: an idle network adds a small one each minute, and all of them are open while one is read. */
const CHAIN_MAX = 64;
const FILE_MODE = 0o600;

export class CheckpointFiles {
  private readonly directory: string;
  /** Whole checkpoints, oldest first. */
  private packs: Pack[] = [];
  private constructor(directory: string) { this.directory = directory; }

  /** Reads every file once; what has no root or builds on what is gone is removed. */
  static open(directory: string, repaired: (file: string) => void): CheckpointFiles {
    const files = new CheckpointFiles(directory);
    const numbers = readdirSync(directory).flatMap((name) => NAME.exec(name)?.[1] ?? []).map(Number).sort((a, b) => a - b);
    const packs = numbers.flatMap((number) => files.scan(number) ?? []);
    files.packs = packs.filter(({ root }) => root.chain.every((number) => packs.some((pack) => pack.number === number)));
    const kept = new Set(files.packs.flatMap(({ root }) => root.chain));
    for (const number of numbers) {
      if (kept.has(number)) continue;
      rmSync(files.path(number), { force: true });
      repaired(`checkpoint-${number}`);
    }
    return files;
  }

  /** Height of the checkpoint before the newest: what a restart may have to begin with. */
  get fallbackHeight(): number | undefined { return this.packs.at(-2)?.root.height; }

  private path(number: number): string { return join(this.directory, `checkpoint-${String(number).padStart(8, "0")}.pack`); }

  private scan(number: number): Pack | undefined {
    const file = openSync(this.path(number), "r"), objects = new Map<string, Place>();
    let root: Root | undefined;
    try {
      for (const { body, offset } of readRecords(file)) {
        if (body[0] === KIND.object) objects.set(Buffer.from(body.subarray(1, 1 + NAME_BYTES)).toString("latin1"), { offset: offset + 1 + NAME_BYTES, length: body.length - 1 - NAME_BYTES });
        else if (body[0] === KIND.root) root = decodeState(body.subarray(1)) as Root;
      }
    } catch (error) { if (!(error instanceof DamagedState)) throw error; } finally { closeSync(file); }
    return root && { number, bytes: statSync(this.path(number)).size, objects, root };
  }

  /** The newest checkpoint that reads back to the hash it was written with; those that do not are left out from then on. */
  load(repaired: (file: string) => void): LoadedState | undefined {
    for (let pack = this.packs.at(-1); pack !== undefined; pack = this.packs.at(-1)) {
      const state = this.read(pack);
      if (state !== undefined) return { state, fullHash: pack.root.fullHash, certification: pack.root.certification };
      repaired(`checkpoint-${pack.number}`);
      rmSync(this.path(pack.number), { force: true });
      this.packs.pop();
    }
    return undefined;
  }

  /** The state of the checkpoint of a height, if it is there and reads back to its hash. */
  loadAt(height: number): ReplicatedState | undefined {
    const pack = this.packs.findLast(({ root }) => root.height === height);
    return pack && this.read(pack);
  }

  private read({ root }: Pack): ReplicatedState | undefined {
    const chain = this.packs.filter(({ number }) => root.chain.includes(number)), files = new Map(chain.map(({ number }) => [number, openSync(this.path(number), "r")]));
    try {
      const state = readState(root.state, (name) => {
        for (const { number, objects: known } of chain) {
          const place = known.get(name);
          if (place !== undefined) return new Uint8Array(readAt(files.get(number)!, place.offset, place.length));
        }
        throw new DamagedState("an object is missing");
      });
      return Buffer.compare(fullHash(state), root.fullHash) === 0 ? state : undefined;
    } catch (error) {
      if (error instanceof DamagedState || error instanceof TypeError) return undefined;
      throw error;
    } finally { for (const file of files.values()) closeSync(file); }
  }

  /** Writes a checkpoint; when it resolves it is on disk, and what no kept checkpoint needs is gone. @throws StoreFailure */
  async write(state: ReplicatedState, certification: Certification | undefined, icx: string): Promise<void> {
    const last = this.packs.at(-1), chain = last === undefined || this.overgrown(last) ? [] : last.root.chain, number = (last?.number ?? 0) + 1;
    const base = this.packs.filter((pack) => chain.includes(pack.number));
    const collecting = stateObjectsOf(state.subnetId).collect(state, (name) => base.some((pack) => pack.objects.has(name)));
    const path = this.path(number), places = new Map<string, Place>();
    let made: Pack;
    try {
      const file = openSync(path, "w", FILE_MODE), writer = new BatchWriter(file);
      try {
        const turn = new Turn();
        let step = collecting.next();
        for (; step.done !== true; step = collecting.next()) {
          for (const { name, make } of step.value) {
            const bytes = make();
            places.set(name, { offset: writer.length + HEAD_BYTES + 1 + NAME_BYTES, length: bytes.length });
            await writer.add(Buffer.concat([Uint8Array.of(KIND.object), Buffer.from(name, "latin1"), bytes]));
          }
          await turn.yield();
        }
        const root: Root = { icx, height: state.height, fullHash: fullHash(state), certification, chain: [...chain, number], state: step.value };
        await writer.add(Buffer.concat([Uint8Array.of(KIND.root), encodeState(root)]));
        await writer.sync();
        made = { number, bytes: writer.length, objects: places, root };
      } finally { closeSync(file); }
      syncDirectory(this.directory);
      this.packs.push(made);
    } catch (error) {
      rmSync(path, { force: true });
      throw storeFailure(this.directory, error);
    }
    this.dropOld();
  }

  /** Removes all of them. */
  drop(): void {
    for (const { number } of this.packs) rmSync(this.path(number), { force: true });
    this.packs = [];
  }

  private overgrown(pack: Pack): boolean {
    if (pack.root.chain.length >= CHAIN_MAX) return true;
    const bytes = this.packs.filter(({ number }) => pack.root.chain.includes(number)).map((one) => one.bytes);
    return bytes.reduce((sum, one) => sum + one, 0) > 2 * (bytes[0] ?? 0) + SLACK_BYTES;
  }

  private dropOld(): void {
    const needed = new Set(this.packs.slice(-2).flatMap(({ root }) => root.chain));
    for (const { number } of this.packs) if (!needed.has(number)) rmSync(this.path(number), { force: true });
    this.packs = this.packs.filter(({ number }) => needed.has(number));
  }
}

/** Milliseconds of a checkpoint's work between two turns of the event loop: blocks are made and requests answered meanwhile. */
const TURN_MS = 1;
class Turn {
  private end = performance.now() + TURN_MS;
  async yield(): Promise<void> {
    if (performance.now() < this.end) return;
    await spareTurn();
    this.end = performance.now() + TURN_MS;
  }
}

/** Gathers records into writes of some megabytes, so that a checkpoint neither makes a system call per object nor holds the thread. */
class BatchWriter {
  length = 0;
  private readonly file: number;
  private parts: Uint8Array[] = [];
  private gathered = 0;
  private sequence = 0;
  constructor(file: number) { this.file = file; }

  async add(body: Uint8Array): Promise<void> {
    const parts = recordParts(this.sequence++, body);
    this.parts.push(...parts);
    this.gathered += HEAD_BYTES + body.length;
    this.length += HEAD_BYTES + body.length;
    if (this.gathered >= BATCH_BYTES) await this.write();
  }

  async sync(): Promise<void> {
    await this.write();
    await new Promise<void>((resolve, reject) => fdatasync(this.file, (error) => (error ? reject(error) : resolve())));
  }

  private write(): Promise<void> {
    const bytes = Buffer.concat(this.parts), position = this.length - this.gathered;
    this.parts = [];
    this.gathered = 0;
    return new Promise((resolve, reject) => {
      const next = (at: number): void => {
        if (at === bytes.length) { resolve(); return; }
        write(this.file, bytes, at, bytes.length - at, position + at, (error, count) => (error ? reject(error) : next(at + count)));
      };
      next(0);
    });
  }
}
