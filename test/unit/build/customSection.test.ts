import { describe, expect, test } from "vitest";
import { customSections, withCustomSection } from "../../../src/build/customSection.ts";
import { motokoSources } from "../../../src/build/motokoSources.ts";
import { counterModule } from "../../canisters/assemble.ts";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../../cli/run.ts";

describe("custom sections", () => {
  test("are read as V8 reads them", async () => {
    const content = Uint8Array.from({ length: 70_000 }, (_, index) => index % 251), module = withCustomSection(await counterModule(), "icp:private x", content);
    const [seen] = WebAssembly.Module.customSections(new WebAssembly.Module(Uint8Array.from(module)), "icp:private x");
    expect(new Uint8Array(seen!)).toEqual(content);
    expect(customSections(module).find(({ name }) => name === "icp:private x")?.content).toEqual(content);
    expect(customSections(module).map(({ name }) => name)).toContain("icp:public candid:service");
  });
  test.each([["nothing", []], ["a section longer than the module", [0, 97, 115, 109, 1, 0, 0, 0, 0, 127]], ["a size without an end", [0, 97, 115, 109, 1, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255]], ["a name longer than its section", [0, 97, 115, 109, 1, 0, 0, 0, 0, 2, 9, 97]]])
  ("%s gives none", (_, bytes) => expect(customSections(Uint8Array.from(bytes))).toEqual([]));
});

describe("Motoko sources", () => {
  test("imports are followed through folders and packages; what nobody has is named", () => {
    using folder = temporaryFolder();
    const write = (path: string, content: string): void => { mkdirSync(join(folder.path, path, ".."), { recursive: true }); writeFileSync(join(folder.path, path), content); };
    write("src/main.mo", "import A \"lib/A\"; import Nat \"mo:core/Nat\"; import { x } \"mo:pack/X\"; import Gone \"mo:gone\"; import C \"canister:other\"; import Dir \"dir\"; actor {}");
    write("src/lib/A.mo", "import Main \"../main\"; module {}");
    write("src/dir/lib.mo", "module {}");
    write("packages/pack/src/X.mo", "import Y \"Y\"; module {}");
    write("packages/pack/src/Y.mo", "module {}");
    const found = motokoSources(folder.path, join(folder.path, "src/main.mo"), { pack: join(folder.path, "packages/pack/src") });
    expect(Object.keys(found.files)).toEqual(["packages/pack/src/X.mo", "packages/pack/src/Y.mo", "src/dir/lib.mo", "src/lib/A.mo", "src/main.mo"]);
    expect(found).toMatchObject({ main: "src/main.mo", packages: { pack: "packages/pack/src" }, missingPackages: ["gone"] });
  });
});
