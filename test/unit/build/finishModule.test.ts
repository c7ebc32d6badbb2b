import { createHash } from "node:crypto";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { customSections, withCustomSection } from "../../../src/build/customSection.ts";
import { finishModule } from "../../../src/build/finishModule.ts";
import type { Finishing } from "../../../src/context/project.ts";
import { assemble, COUNTER_CANDID, counterModule } from "../../canisters/assemble.ts";
import { temporaryFolder } from "../../cli/run.ts";

const PLAIN: Finishing = { metadata: [], shrink: false, gzip: false };
const finish = (folder: string, wasm: Uint8Array, finishing: Partial<Finishing> = {}, candid?: string, network = "local"): ReturnType<typeof finishModule> => finishModule({
  project: { manifest: "icp.yaml" }, canister: { name: "a", finishing: { ...PLAIN, ...finishing } }, network, cacheFolder: join(folder, "cache"),
  output: { wasm, cached: false, ...(candid === undefined ? {} : { candid }) },
});
const section = (wasm: Uint8Array, name: string): string | undefined => {
  const [found] = WebAssembly.Module.customSections(new WebAssembly.Module(Uint8Array.from(wasm)), name); // as V8 reads it
  return found === undefined ? undefined : Buffer.from(found).toString();
};
const names = (wasm: Uint8Array): string[] => customSections(wasm).map(({ name }) => name);

describe("finishing a module", () => {
  test("the interface becomes public metadata, unless the module has it", async () => {
    using folder = temporaryFolder();
    const bare = await assemble("(module)"), { wasm, candid } = finish(folder.path, bare, {}, "service : { x : () -> () }");
    expect([section(wasm, "icp:public candid:service"), candid]).toEqual(["service : { x : () -> () }", "service : { x : () -> () }"]);
    const counter = await counterModule();
    expect(finish(folder.path, counter)).toEqual({ wasm: counter, candid: COUNTER_CANDID });
    const hidden = withCustomSection(bare, "icp:private candid:service", Buffer.from("service : {}"));
    expect(names(finish(folder.path, hidden, {}, "service : {}").wasm)).not.toContain("icp:public candid:service");
  });
  test("metadata: text and file, public and private, by network, each name once", async () => {
    using folder = temporaryFolder();
    writeFileSync(join(folder.path, "build.txt"), "from a file");
    const metadata: Finishing["metadata"] = [
      { name: "git:commit", content: { text: "abc" }, visibility: "public" }, { name: "note", content: { path: join(folder.path, "build.txt") }, visibility: "private" },
      { name: "only-ic", content: { text: "x" }, visibility: "public", networks: ["ic"] }, { name: "candid:service", content: { text: "service : {}" }, visibility: "private" },
    ];
    const { wasm, candid } = finish(folder.path, await counterModule(), { metadata });
    expect([section(wasm, "icp:public git:commit"), section(wasm, "icp:private note"), section(wasm, "icp:public only-ic")]).toEqual(["abc", "from a file", undefined]);
    expect(names(wasm).filter((name) => name.endsWith("candid:service"))).toEqual(["icp:private candid:service"]);
    expect(candid).toBe("service : {}");
    expect(section(finish(folder.path, await counterModule(), { metadata }, undefined, "ic").wasm, "icp:public only-ic")).toBe("x");
  });
  test("a metadata file that is missing is named", async () => {
    using folder = temporaryFolder();
    const metadata: Finishing["metadata"] = [{ name: "note", content: { path: join(folder.path, "gone.txt") }, visibility: "public" }];
    const module = await counterModule();
    expect(() => finish(folder.path, module, { metadata })).toThrowError(expect.objectContaining({ code: "ICX4002", message: expect.stringContaining("gone.txt") as unknown }));
  });
  test("shrink drops what is for debuggers and keeps the code and the canister's own sections", async () => {
    using folder = temporaryFolder();
    const debug = withCustomSection(withCustomSection(await counterModule(), ".debug_info", new Uint8Array(5_000)), "producers", Buffer.from("x"));
    expect(names(debug)).toContain("name");
    const { wasm } = finish(folder.path, debug, { shrink: true });
    expect(names(wasm)).toEqual(["icp:public candid:service"]);
    expect(WebAssembly.Module.exports(new WebAssembly.Module(Uint8Array.from(wasm)))).toEqual(WebAssembly.Module.exports(new WebAssembly.Module(Uint8Array.from(debug))));
    expect(wasm.length).toBeLessThan(debug.length - 5_000);
  });
  test("gzip gives the same bytes each time, tells no time and no system, and is done once", async () => {
    using one = temporaryFolder();
    using two = temporaryFolder();
    const module = await counterModule(), first = finish(one.path, module, { gzip: true }), second = finish(two.path, module, { gzip: true });
    expect(Buffer.from(gunzipSync(first.wasm))).toEqual(Buffer.from(module));
    expect(second).toEqual(first);
    expect([...first.wasm.subarray(0, 10)]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255]);
    expect(readdirSync(join(one.path, "cache/gzip"))).toEqual([`${createHash("sha256").update(module).digest("hex")}.gz`]);
    expect(finish(one.path, module, { gzip: true })).toEqual(first);
  });
  test("a compressed module stays as it is; asked for metadata, it is opened and compressed again", async () => {
    using folder = temporaryFolder();
    const module = await counterModule(), compressed = Uint8Array.from(gzipSync(module, { level: 1 }));
    expect(finish(folder.path, compressed)).toEqual({ wasm: compressed, candid: COUNTER_CANDID });
    const { wasm } = finish(folder.path, compressed, { metadata: [{ name: "note", content: { text: "hi" }, visibility: "public" }] });
    expect(section(gunzipSync(wasm), "icp:public note")).toBe("hi");
  });
  test.each<[string, Uint8Array, RegExp]>([
    ["nothing", new Uint8Array(0), /it is empty/], ["a text", Buffer.from("hello world"), /begins with 68656c6c/], ["a compressed text", gzipSync("hello"), /begins with 68656c6c/],
    ["a broken archive", Uint8Array.from([0x1f, 0x8b, 8, 0, 1, 2, 3]), /it is compressed, and/], ["an archive that opens to too much", gzipSync(Buffer.alloc(101 * 1024 * 1024), { level: 1 }), /it is compressed, and/],
  ])("%s is refused", (_, bytes, reason) => {
    using folder = temporaryFolder();
    expect(() => finish(folder.path, Uint8Array.from(bytes), { shrink: true, gzip: true })).toThrowError(expect.objectContaining({ code: "ICX4006", message: expect.stringMatching(reason) as unknown }));
  });
  test("a malformed section is left for the network to refuse", () => {
    using folder = temporaryFolder();
    const broken = Uint8Array.from([0, 97, 115, 109, 1, 0, 0, 0, 0, 9, 97]);
    expect(finish(folder.path, broken, { shrink: true }).wasm).toEqual(broken);
  });
});
