import { existsSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { deployable } from "./deployable.ts";
import { startHere } from "./project.ts";
import { icx, temporaryFolder, type Ran } from "./run.ts";

interface Snapshot { readonly snapshot_id: string; readonly taken_at_timestamp: string; readonly total_size_bytes: string }
const snapshotOf = ({ json }: Ran): Snapshot => json as Snapshot;

describe("icx canister snapshot", { timeout: 60_000 }, () => {
  const folder = temporaryFolder(), run = (...argv: readonly string[]): Promise<Ran> => icx(folder.path, [...argv, "--json"]), words = (...argv: readonly string[]): Promise<Ran> => icx(folder.path, argv);
  const at = (...parts: readonly string[]): string => join(folder.path, ...parts), error = (code: string, exit = 1): object => ({ code: exit, json: { error: { code } } });
  const snapshot = (...argv: readonly string[]): Promise<Ran> => run("canister", "snapshot", ...argv);
  let network: Awaited<ReturnType<typeof startHere>>, id: string;
  /** What the counter says, running for a moment. */
  const counted = async (canister = "counter"): Promise<string> => {
    await run("canister", "start", canister);
    const { stdout } = await words("call", canister, "get");
    await run("canister", "stop", canister);
    return stdout.trim();
  };
  const count = async (): Promise<void> => { await run("canister", "start", "counter"); await run("call", "counter", "increment"); await run("canister", "stop", "counter"); };
  beforeAll(async () => {
    writeFileSync(at("counter.wasm"), await deployable({ padding: 5_000 }));
    writeFileSync(at("icp.yaml"), ["counter", "twin"].reduce((text, name) => `${text}  - name: ${name}\n    build: { steps: [{ type: pre-built, path: counter.wasm }] }\n`, "canisters:\n"));
    network = await startHere(folder.path, ["--port", "0"]);
    expect(await run("deploy")).toMatchObject({ code: 0 });
    await run("call", "counter", "increment");
  }, 60_000);
  afterAll(async () => { await network.stop(); folder[Symbol.dispose](); });

  test("a running canister is not taken; a stopped one is, and gets its old state back", async () => {
    expect(await snapshot("create", "counter")).toMatchObject(error("ICX6015"));
    await run("canister", "stop", "counter");
    const made = await snapshot("create", "counter");
    expect(made).toMatchObject({ code: 0, json: { snapshot_id: expect.stringMatching(/^[\da-f]{36}$/) as unknown } });
    id = snapshotOf(made).snapshot_id;
    await count();
    expect(await counted()).toBe("(2 : nat8)");
    expect(await snapshot("restore", "counter", id)).toMatchObject(error("ICX5009", 2));
    expect(await counted()).toBe("(2 : nat8)");
    expect(await snapshot("restore", "counter", id, "-y")).toMatchObject({ code: 0, json: { restored: true, snapshot_id: id } });
    expect(await counted()).toBe("(1 : nat8)");
    await run("canister", "start", "counter");
    expect(await snapshot("restore", "counter", id, "-y")).toMatchObject(error("ICX6015"));
    await run("canister", "stop", "counter");
  });
  test("list, replace and delete; ids that are none", async () => {
    expect(await snapshot("list", "counter")).toMatchObject({ code: 0, json: { snapshots: [{ snapshot_id: id }] } });
    expect((await words("canister", "snapshot", "list", "counter", "-q")).stdout).toBe(`${id}\n`);
    const second = snapshotOf(await snapshot("create", "counter")).snapshot_id, third = snapshotOf(await snapshot("create", "counter", "--replace", second)).snapshot_id;
    expect(await snapshot("list", "counter")).toMatchObject({ json: { snapshots: [{ snapshot_id: id }, { snapshot_id: third }] } });
    expect((await words("canister", "snapshot", "list", "counter")).stdout).toContain(`  ${third}: `);
    expect(await snapshot("delete", "counter", third)).toMatchObject(error("ICX5009", 2));
    expect(await snapshot("delete", "counter", third, "-y")).toMatchObject({ code: 0, json: { deleted: true } });
    expect(await snapshot("delete", "counter", third, "-y")).toMatchObject(error("ICX6001"));
    expect(await snapshot("load", "counter", "xyz", "-y")).toMatchObject(error("ICX5001", 2));
    expect((await words("canister", "snapshot", "list", "twin")).stdout).toMatch(/^No snapshots for canister twin/);
  });
  test("download and upload: the same layout as icp-cli and dfx, the same state afterwards, on another canister too", async () => {
    const down = await snapshot("download", "counter", id, "-o", "saved");
    expect(down).toMatchObject({ code: 0, json: { snapshot_id: id, folder: at("saved") } });
    expect(readdirSync(at("saved")).sort()).toEqual(["metadata.json", "stable_memory.bin", "wasm_chunk_store", "wasm_memory.bin", "wasm_module.bin"]);
    expect(readFileSync(at("saved", "wasm_module.bin"))).toEqual(readFileSync(at("counter.wasm")));
    expect(down.stderr).toMatch(/Downloading snapshot .*\n.*Downloaded Module/s);
    await run("canister", "stop", "twin");
    expect(await counted("twin")).toBe("(0 : nat8)");
    const up = await snapshot("upload", "twin", "-i", "saved");
    expect(up).toMatchObject({ code: 0, json: { snapshot_id: expect.stringMatching(/^[\da-f]{36}$/) as unknown } });
    expect(await snapshot("restore", "twin", snapshotOf(up).snapshot_id, "-y")).toMatchObject({ code: 0 });
    expect(await counted("twin")).toBe("(1 : nat8)");
    expect(existsSync(at("saved", ".upload_progress.json"))).toBe(false);
    expect(await snapshot("download", "counter", id, "--output", "saved")).toMatchObject(error("ICX5017"));
    expect(await snapshot("download", "counter", id)).toMatchObject(error("ICX5001", 2));
    expect(await snapshot("upload", "counter")).toMatchObject(error("ICX5001", 2));
  });
  test("what was interrupted is continued: the missing chunks alone are moved", async () => {
    expect(await snapshot("download", "counter", id, "-o", "nowhere", "--resume")).toMatchObject(error("ICX5018"));
    expect(await snapshot("upload", "twin", "-i", "saved", "--resume")).toMatchObject(error("ICX5018"));
    const whole = readFileSync(at("saved", "wasm_memory.bin")), broken = Buffer.from(whole);
    expect(whole.length).toBe(64 * 65_536); // three chunks
    broken.fill(0xee, 0, 2_000_000).fill(0xee, 2_000_000, 4_000_000);
    writeFileSync(at("saved", "wasm_memory.bin"), broken);
    writeFileSync(at("saved", ".download_progress.json"), JSON.stringify({ wasm_module: { frontier: 100_000, ahead: [] }, wasm_memory: { frontier: 0, ahead: [2_000_000] }, stable_memory: { frontier: 65_536, ahead: [] } }));
    expect(await snapshot("download", "counter", id, "-o", "saved", "--resume")).toMatchObject({ code: 0 });
    const mended = readFileSync(at("saved", "wasm_memory.bin"));
    expect(mended.subarray(0, 2_000_000).equals(whole.subarray(0, 2_000_000))).toBe(true);
    expect(mended[2_000_000]).toBe(0xee); // it was said to be there
    expect(await snapshot("download", "counter", id, "-o", "again")).toMatchObject({ code: 0 });
    const empty = snapshotOf(await snapshot("upload", "twin", "-i", "again")).snapshot_id;
    writeFileSync(at("again", ".upload_progress.json"), JSON.stringify({ snapshot_id: empty, metadata_uploaded: true, wasm_module_offset: 0, wasm_memory_offset: 4_000_000, stable_memory_offset: 0, wasm_chunks_uploaded: [] }));
    expect(await snapshot("upload", "twin", "-i", "again", "--resume")).toMatchObject({ code: 0, json: { snapshot_id: empty } });
  });
  test("an interrupt ends a download and an upload; both are resumed", async () => {
    /** Interrupted as soon as the module has been moved. */
    const interrupted = async (...argv: readonly string[]): Promise<number> => {
      const controller = new AbortController();
      const { code } = await icx(folder.path, ["canister", "snapshot", ...argv], { interrupted: controller.signal, stderr: { columns: 80, write: (text) => { if (/loaded Module/.test(text)) controller.abort(); return true; } } });
      return code;
    };
    expect(await interrupted("download", "counter", id, "-o", "cut")).toBe(130);
    expect(existsSync(at("cut", ".download_progress.json"))).toBe(true);
    expect(await snapshot("upload", "twin", "-i", "cut")).toMatchObject(error("ICX5019")); // it is not whole
    expect(await snapshot("download", "counter", id, "-o", "cut", "--resume")).toMatchObject({ code: 0 });
    for (const file of ["wasm_module.bin", "wasm_memory.bin", "stable_memory.bin"]) expect(readFileSync(at("cut", file)).equals(readFileSync(at("again", file))), file).toBe(true);
    expect(JSON.parse(readFileSync(at("cut", "metadata.json"), "utf8"))).toEqual(JSON.parse(readFileSync(at("again", "metadata.json"), "utf8")));
    expect(await interrupted("upload", "twin", "-i", "cut")).toBe(130);
    const begun = (JSON.parse(readFileSync(at("cut", ".upload_progress.json"), "utf8")) as { readonly snapshot_id: string }).snapshot_id;
    expect(await snapshot("upload", "twin", "-i", "cut", "--resume")).toMatchObject({ code: 0, json: { snapshot_id: begun } });
    expect(await snapshot("restore", "twin", begun, "-y")).toMatchObject({ code: 0 });
    expect(await counted("twin")).toBe("(1 : nat8)");
  });
  test("what is no snapshot is refused with its place, before anything is sent", async () => {
    const before = JSON.stringify((await snapshot("list", "twin")).json), file = at("again", "metadata.json"), good = readFileSync(file, "utf8");
    const refused = async (text: string, problem: RegExp): Promise<void> => {
      writeFileSync(file, text);
      const { code, json } = await snapshot("upload", "twin", "-i", "again");
      expect(code).toBe(1);
      expect((json as { readonly error: { readonly code: string; readonly message: string } }).error).toMatchObject({ code: "ICX5019", message: expect.stringMatching(problem) as unknown });
    };
    await refused("{", /JSON/);
    await refused("[]", /the document is not an object/);
    await refused(good.replace(/"wasm_memory_size": \d+/, '"wasm_memory_size": -1'), /wasm_memory_size is not/);
    await refused(good.replace(/"taken_at_timestamp": \d+/, '"taken_at_timestamp": 99999999999999999999'), /taken_at_timestamp/);
    await refused(good.replace(/"global_timer": "inactive"/, '"global_timer": {"later": 1}'), /global_timer is not one of/);
    await refused(good.replace(/"certified_data": \[\]/, '"certified_data": [256]'), /certified_data\[0\]/);
    writeFileSync(file, good);
    truncateSync(at("again", "stable_memory.bin"), 7);
    expect(await snapshot("upload", "twin", "-i", "again")).toMatchObject(error("ICX5019"));
    rmSync(at("again", "wasm_module.bin"));
    expect(await snapshot("upload", "twin", "-i", "again")).toMatchObject(error("ICX1010"));
    expect(await snapshot("upload", "twin", "-i", "nowhere")).toMatchObject(error("ICX1010"));
    expect(JSON.stringify((await snapshot("list", "twin")).json)).toBe(before);
    expect(await snapshot("download", "counter", "00", "-o", "empty")).toMatchObject(error("ICX6001"));
    expect(existsSync(at("empty"))).toBe(false);
  });
});
