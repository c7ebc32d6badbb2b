import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Project } from "../../../src/context/project.ts";
import { canisterIds } from "../../../src/project/canisterIds.ts";
import { idMirror } from "../../../src/project/idMirror.ts";
import { temporaryFolder } from "../../cli/run.ts";

const KEY = Uint8Array.of(1, 2), json = (file: string): unknown => JSON.parse(readFileSync(file, "utf8"));
type Known = Pick<Project, "root" | "format" | "networks">;

describe("the file of icp-cli or dfx", () => {
  test.each([
    ["icp.yaml", "local", "local", [], ".icp/cache/mappings/local.ids.json"],
    ["icp.yaml", "staging", "testbed", [{ name: "testbed", managed: false, persistent: true, url: "http://127.0.0.1:1" }], ".icp/data/mappings/staging.ids.json"],
    ["dfx.json", "local", "local", [], ".dfx/local/canister_ids.json"],
    ["dfx.json", "testbed", "testbed", [{ name: "testbed", managed: false, persistent: true, url: "http://127.0.0.1:1" }], "canister_ids.json"],
    ["icp.yaml", "../../x", "local", [], ".icp/cache/mappings/..%2F..%2Fx.ids.json"],
  ] as const)("%s, environment %s on %s", (format, environment, network, networks, file) => {
    expect(idMirror({ root: "/p", format, networks }, { environment, network, rootKey: KEY }).file).toBe(join("/p", file));
  });
  test("dfx: other canisters and networks of a persistent file stay, a note of the network lies beside an ephemeral one", () => {
    using folder = temporaryFolder();
    const project: Known = { root: folder.path, format: "dfx.json", networks: [{ name: "kept", managed: true, persistent: true }] }, file = join(folder.path, "canister_ids.json");
    writeFileSync(file, JSON.stringify({ a: { ic: "x" }, b: { kept: "old", ic: "y" } }));
    const kept = idMirror(project, { environment: "kept", network: "kept", rootKey: KEY });
    expect(kept.read()).toEqual({ b: "old" });
    kept.write({ a: "new" });
    expect(json(file)).toEqual({ a: { ic: "x", kept: "new" }, b: { ic: "y", kept: "old" } });
    kept.write({ a: "new" }, "b");
    expect(json(file)).toEqual({ a: { ic: "x", kept: "new" }, b: { ic: "y" } });
    idMirror(project, { environment: "local", network: "local", rootKey: KEY }).write({ a: "z" });
    expect(json(join(folder.path, ".dfx/local/canister_ids.json"))).toEqual({ a: { local: "z" } });
    expect(json(join(folder.path, ".dfx/local/network-id"))).toMatchObject({ created: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} \+00:00:00$/) as unknown, settings_digest: expect.stringMatching(/^[\da-f]{64}$/) as unknown });
  });
  test("nothing is written for a project without canisters, a broken file says nothing, and __proto__ is a name like another", () => {
    using folder = temporaryFolder();
    const mirror = idMirror({ root: folder.path, format: "icp.yaml", networks: [] }, { environment: "local", network: "local", rootKey: KEY });
    mirror.write({});
    expect(existsSync(mirror.file)).toBe(false);
    mirror.write({ b: "2", a: "1" });
    expect(readFileSync(mirror.file, "utf8")).toBe("{\n  \"a\": \"1\",\n  \"b\": \"2\"\n}\n");
    writeFileSync(mirror.file, "{ broken");
    expect(mirror.read()).toEqual({});
    writeFileSync(mirror.file, "{\"__proto__\": \"x\", \"n\": 7}");
    expect(Object.keys(mirror.read())).toEqual(["__proto__"]);
  });
  test("environments of one network have names of their own, and the file follows", () => {
    using folder = temporaryFolder();
    const file = join(folder.path, "ids.json"), mirror = idMirror({ root: folder.path, format: "icp.yaml", networks: [] }, { environment: "staging", network: "local", rootKey: KEY });
    const local = canisterIds(file, KEY), staging = canisterIds(file, KEY, { environment: "staging", mirror });
    local.set("a", "1");
    staging.set("a", "2");
    local.set("b", "3");
    expect([local.all(), staging.all(), mirror.read()]).toEqual([{ a: "1", b: "3" }, { a: "2" }, { a: "2" }]);
    staging.forget("a");
    expect([local.get("a"), staging.get("a"), mirror.read()]).toEqual(["1", undefined, {}]);
    expect(canisterIds(file, Uint8Array.of(9), { environment: "staging" }).all()).toEqual({});
  });
});
