import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Certification } from "../../../../src/replica/interfaces/subnet.ts";
import type { Store } from "../../../../src/replica/interfaces/stateManager.ts";
import { fullHash } from "../../../../src/replica/stateManager/fullHash.ts";
import { openMemoryStore } from "../../../../src/replica/stateManager/memoryStore.ts";
import { openStore } from "../../../../src/replica/stateManager/openStore.ts";
import { StoreFailure } from "../../../../src/replica/stateManager/storeFailure.ts";
import { StateObjects } from "../../../../src/replica/stateManager/stateObjects.ts";
import type { ReplicatedState } from "../../../../src/replica/state/replicatedState.ts";
import { type Hash, height } from "../../../../src/replica/types/index.ts";
import { nextState, seeded, stateAfter } from "./randomRounds.ts";

let directory = "";
beforeEach(() => { directory = mkdtempSync(join(tmpdir(), "icx-store-")); });
afterEach(() => { rmSync(directory, { recursive: true, force: true }); });

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (bytes: Uint8Array | undefined): string | undefined => bytes && Buffer.from(bytes).toString();
const artifact = (at: number, size = 3000): { readonly id: string; readonly bytes: Uint8Array } => ({ id: `block-${at}`, bytes: new Uint8Array(size).fill(at) });
const heightsOf = (store: Store): number[] => store.heights(height(0)).map((one) => one.height);
const loaded = (store: Store): { readonly state: ReplicatedState } | undefined => {
  const result = store.load();
  if (!result.ok) throw new StoreFailure(result.error);
  return result.value;
};
const hashOf = (state: ReplicatedState): string => Buffer.from(new StateObjects().hash(state)).toString("hex");
const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try { await work; return "nothing"; } catch (error) { return error instanceof StoreFailure ? error.error.code : String(error); }
};
const files = (pattern: RegExp): string[] => readdirSync(directory).filter((name) => pattern.test(name)).sort().map((name) => join(directory, name));
/** Every file with bytes in it, newest first as the damage of a crash would find them. */
const damages: [string, (path: string) => void][] = [
  ["cut by 64 KiB", (path) => truncateSync(path, Math.max(0, statSync(path).size - 65536))],
  ["cut in the middle of a record", (path) => truncateSync(path, Math.max(0, statSync(path).size - 1))],
  ["zeroed in its last 64 KiB", (path) => { const bytes = readFileSync(path); bytes.fill(0, Math.max(0, bytes.length - 65536)); writeFileSync(path, bytes); }],
  ["emptied", (path) => truncateSync(path, 0)],
  ["with garbage behind it", (path) => writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.alloc(5000, 0x69)]))],
  ["flipped in one byte", (path) => { const bytes = readFileSync(path); if (bytes.length > 0) bytes[bytes.length >> 1]! ^= 1; writeFileSync(path, bytes); }],
];

/** A life of a subnet: journal, records and three checkpoints. What it acknowledged is what it returns. */
async function live(store: Store): Promise<{ readonly versions: readonly ReplicatedState[]; readonly checkpointed: readonly number[] }> {
  const versions = [stateAfter("life", 0)], checkpointed: number[] = [];
  store.putRecord("keys", utf8("secret"));
  for (let at = 1; at <= 40; at++) {
    versions.push(nextState(versions.at(-1)!, seeded(`life ${at}`)));
    store.putHeight(height(at), [artifact(at), { id: "tape", bytes: utf8(String(at)) }]);
    store.putRecord(`signed/${at}`, utf8(`hash ${at}`));
    if (at > 5) store.putRecord(`signed/${at - 5}`, undefined);
    await store.flushed();
    if (at % 12 === 0) {
      await store.checkpoint(versions[at]!, { height: height(at), hash: new Uint8Array(32).fill(at) as Hash<"StateRoot">, signature: new Uint8Array(48) } satisfies Certification);
      checkpointed.push(at);
      store.forgetBelow(height(at - 2));
    }
  }
  return { versions, checkpointed };
}

/** Everything acknowledged is there: either checkpoint, and the whole journal above it. */
function expectAlive(store: Store, versions: readonly ReplicatedState[], from: readonly number[]): void {
  const back = loaded(store)!;
  expect(from).toContain(back.state.height);
  expect(hashOf(back.state)).toBe(hashOf(versions[back.state.height]!));
  expect(heightsOf(store).filter((at) => at > back.state.height)).toEqual(Array.from({ length: 40 - back.state.height }, (_, i) => back.state.height + 1 + i));
  for (const { height: at, entries } of store.heights(back.state.height)) expect(entries).toEqual([artifact(at), { id: "tape", bytes: utf8(String(at)) }]);
  expect(text(store.getRecord("keys"))).toBe("secret");
  expect(store.records("signed/").map(([key, value]) => [key, text(value)])).toEqual([36, 37, 38, 39, 40].map((at) => [`signed/${at}`, `hash ${at}`]));
}

describe.each<[string, () => Promise<Store>]>([["on disk", () => openStore(directory)], ["in memory", () => Promise.resolve(openMemoryStore())]])("a store %s", (_, open) => {
  test("keeps artifacts by height, the first of an id, and records by key", async () => {
    const store = await open();
    expect(loaded(store)).toBeUndefined();
    store.putHeight(height(2), [artifact(2)]);
    store.putHeight(height(1), [artifact(1)]);
    store.putHeight(height(2), [{ id: "block-2", bytes: utf8("another") }, { id: "tape", bytes: utf8("t") }]);
    store.putRecord("b/2", utf8("two"));
    store.putRecord("b/1", utf8("one"));
    store.putRecord("a", utf8("x"));
    store.putRecord("a", undefined);
    await store.flushed();
    expect(heightsOf(store)).toEqual([1, 2]);
    expect(store.heights(height(2))[0]!.entries).toEqual([artifact(2), { id: "tape", bytes: utf8("t") }]);
    expect(store.records("b/").map(([key, value]) => [key, text(value)])).toEqual([["b/1", "one"], ["b/2", "two"]]);
    expect(store.getRecord("a")).toBeUndefined();
    await store.close();
    await store.close();
  });

  test("gives the checkpoint before the last one back by its height, until both are dropped; chunks on their way are kept beside", async () => {
    const store = await open(), [first, second] = [stateAfter("two", 3), stateAfter("two", 5)];
    await store.checkpoint(first, undefined);
    await store.checkpoint(second, undefined);
    expect([first, second].map(({ height: at }) => hashOf(store.loadAt(at)!))).toEqual([hashOf(first), hashOf(second)]);
    expect(store.loadAt(height(999))).toBe(undefined);
    store.putChunk(utf8("one"));
    store.putChunk(utf8("two"));
    expect([...store.chunks()].map(text)).toEqual(["one", "two"]);
    store.dropChunks();
    store.dropCheckpoints();
    expect([loaded(store), store.loadAt(second.height), [...store.chunks()]]).toEqual([undefined, undefined, []]);
    await store.close();
  });
  test("gives the last checkpoint back", async () => {
    const store = await open(), { versions, checkpointed } = await live(store);
    const back = loaded(store)!;
    expect(back.state.height).toBe(checkpointed.at(-1));
    expect(hashOf(back.state)).toBe(hashOf(versions[back.state.height]!));
    await store.close();
  });
});

describe("a directory", () => {
  test("comes back exactly after a close: states, certification, journal tail, records", async () => {
    const store = await openStore(directory, { icx: "1.2.3" }), { versions } = await live(store);
    await store.close();
    const again = await openStore(directory);
    expectAlive(again, versions, [36]);
    const back = again.load();
    expect(back.ok && back.value?.certification).toEqual({ height: 36, hash: new Uint8Array(32).fill(36), signature: new Uint8Array(48) });
    expect(back.ok && back.value?.fullHash).toEqual(fullHash(versions[36]!));
    expect(again.heights(height(40))[0]!.icx).toBe("1.2.3");
    expect(again.repairs).toEqual([]);
    await again.close();
  });

  test("forgets journal segments that neither checkpoint needs, and old checkpoints", async () => {
    const store = await openStore(directory);
    await live(store);
    expect(heightsOf(store)[0]).toBeLessThanOrEqual(22);
    expect(heightsOf(store)[0]).toBeGreaterThan(1);
    let state = stateAfter("life", 0);
    for (let at = 41; at < 90; at++) {
      state = { ...nextState(state, seeded(String(at))), height: height(at) };
      if (at % 4 === 0) { store.putHeight(height(at), [artifact(at)]); await store.checkpoint(state, undefined); store.forgetBelow(height(at)); }
    }
    expect(files(/\.log$/).length).toBeLessThanOrEqual(6);
    await store.close();
  });

  test.each(damages)("survives its newest files %s", async (_, damage) => {
    const store = await openStore(directory), { versions } = await live(store);
    await store.close();
    const intact = mkdtempSync(join(tmpdir(), "icx-intact-")), names = readdirSync(directory), [packs, logs] = [/\.pack$/, /\.log$/].map((pattern) => names.filter((name) => pattern.test(name)).sort());
    for (const name of names) copyFileSync(join(directory, name), join(intact, name));
    for (const victim of [packs!.at(-1)!, logs!.at(-1)!, logs!.at(-2)!, "format.json"]) {
      for (const name of readdirSync(directory)) rmSync(join(directory, name));
      for (const name of names) copyFileSync(join(intact, name), join(directory, name));
      damage(join(directory, victim));
      const again = await openStore(directory);
      expectAlive(again, versions, victim.endsWith(".pack") ? [24, 36] : [36]);
      await again.close();
      const twice = await openStore(directory);
      expect(twice.repairs).toEqual([]);
      await twice.close();
    }
    rmSync(intact, { recursive: true });
  }, 30_000);

  test("that lost the file which both checkpoints build on says so, instead of starting over", async () => {
    const store = await openStore(directory);
    await live(store);
    await store.close();
    damages[0]![1](files(/\.pack$/)[0]!);
    const again = await openStore(directory);
    expect(again.load()).toMatchObject({ ok: false, error: { code: "damaged" } });
    await again.close();
  });

  test("a damage in one copy today and in the other tomorrow is survived", async () => {
    const store = await openStore(directory), { versions } = await live(store);
    await store.close();
    for (const mirror of ["a", "b", "a"]) {
      damages[0]![1](files(new RegExp(`-${mirror}\\.log$`)).at(-1)!);
      const again = await openStore(directory);
      expectAlive(again, versions, [36]);
      expect(again.repairs).toHaveLength(1);
      await again.close();
    }
  });

  test("records lost from both copies are told, not passed over", async () => {
    const store = await openStore(directory);
    await live(store);
    await store.close();
    for (const file of files(/\.log$/).slice(0, 2)) truncateSync(file, statSync(file).size >> 1);
    expect(await codeOf(openStore(directory))).toBe("damaged");
  });

  test("of a newer format is refused, whichever file says so", async () => {
    const store = await openStore(directory);
    await store.close();
    writeFileSync(join(directory, "format.json"), JSON.stringify({ format: 2, icx: "9.0.0" }));
    expect(await codeOf(openStore(directory))).toBe("newerFormat");
    writeFileSync(join(directory, "format.json"), "\0\0\0\0");
    const repaired = await openStore(directory);
    expect(repaired.repairs).toHaveLength(1);
    await repaired.close();
  });

  test("belongs to one store at a time; a dead owner's or an empty lock keeps nobody out", async () => {
    const store = await openStore(directory);
    expect(await codeOf(openStore(directory))).toBe("locked");
    await store.close();
    for (const content of [JSON.stringify({ pid: 2 ** 22 + 1, started: "" }), JSON.stringify({ pid: process.pid, started: "another boot 1" }), "", "\0\0"]) {
      writeFileSync(join(directory, "lock"), content);
      await (await openStore(directory)).close();
    }
    writeFileSync(join(directory, "lock"), JSON.stringify({ pid: process.ppid, started: "" }));
    expect(await codeOf(openStore(directory))).toBe("locked");
  });

  test("on a full disk says so and loses nothing that was acknowledged", async () => {
    const store = await openStore(directory);
    store.putRecord("keys", utf8("secret"));
    store.putHeight(height(1), [artifact(1)]);
    await store.checkpoint(stateAfter("full", 3), undefined);
    symlinkSync("/dev/full", join(directory, "checkpoint-00000002.pack"));
    expect(await codeOf(store.checkpoint(stateAfter("full", 9), undefined))).toBe("diskFull");
    symlinkSync("/dev/full", join(directory, "journal-00000003-b.log"));
    store.putHeight(height(2), [artifact(2)]);
    expect(await codeOf(store.checkpoint(stateAfter("full", 9), undefined))).toBe("diskFull");
    store.putHeight(height(3), [artifact(3)]);
    await store.flushed();
    await store.close();
    const again = await openStore(directory);
    expect(heightsOf(again)).toEqual([1, 2, 3]);
    expect(text(again.getRecord("keys"))).toBe("secret");
    expect(hashOf(loaded(again)!.state)).toBe(hashOf(stateAfter("full", 9)));
    await again.close();
  });

  test("that cannot be written is told", async () => {
    writeFileSync(join(directory, "file"), "");
    expect(await codeOf(openStore(join(directory, "file")))).toBe("notWritable");
    mkdirSync(join(directory, "d"));
    symlinkSync("/dev/full", join(directory, "d", "format.json.new"));
    expect(await codeOf(openStore(join(directory, "d")))).toBe("diskFull");
  });

  test("a closed store refuses", async () => {
    const store = await openStore(directory);
    await store.close();
    expect(() => store.putRecord("a", utf8("b"))).toThrow(StoreFailure);
  });
});

test("what is put while a flush is under way is on disk after the next one", async () => {
  const folder = join(directory, "overlap"), store = await openStore(folder);
  store.putHeight(height(1), [artifact(1)]);
  const first = store.flushed();
  store.putHeight(height(2), [artifact(2)]);
  await first;
  await store.flushed();
  // The same files under another name: what a killed process would have left.
  const left = `${folder}-left`;
  cpSync(folder, left, { recursive: true });
  rmSync(join(left, "lock"), { force: true });
  const again = await openStore(left);
  expect(again.heights(height(0)).map(({ height: at }) => at)).toEqual([1, 2]);
  await again.close();
  await store.close();
});
