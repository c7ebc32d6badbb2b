import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { writeEnvFile } from "../../../src/build/envFile.ts";
import { temporaryFolder } from "../../cli/run.ts";

const ids = { "my-backend": "bnz7o-iuaaa-aaaaa-qaaaa-cai", frontend: "bw4dl-smaaa-aaaaa-qaacq-cai" }, canisters = Object.keys(ids).map((name) => ({ name })) as never;
const write = (root: string, network = "local"): string | undefined => writeEnvFile({ root, outputEnvFile: join(root, ".env"), canisters }, ids, network, { "my-backend": "/p/it's.did" });
const BLOCK = [
  "# DFX CANISTER ENVIRONMENT VARIABLES", "DFX_VERSION='0.32.0'", "DFX_NETWORK='local'", "CANISTER_CANDID_PATH_MY_BACKEND='/p/it\\'s.did'", "CANISTER_ID_FRONTEND='bw4dl-smaaa-aaaaa-qaacq-cai'",
  "CANISTER_ID_MY_BACKEND='bnz7o-iuaaa-aaaaa-qaaaa-cai'", "CANISTER_ID='bw4dl-smaaa-aaaaa-qaacq-cai'", "# END DFX CANISTER ENVIRONMENT VARIABLES",
];

describe("the block of variables in output_env_file", () => {
  test("a new file holds the block alone", () => {
    using folder = temporaryFolder();
    expect(write(folder.path)).toBe(join(folder.path, ".env"));
    expect(readFileSync(join(folder.path, ".env"), "utf8")).toBe([...BLOCK, ""].join("\n"));
  });
  test.each<[string, string, string]>([
    ["text without a block is kept above it", "SECRET=1\n", ["SECRET=1", "", ...BLOCK, ""].join("\n")],
    ["text without a last line end as well", "SECRET=1", ["SECRET=1", "", ...BLOCK, ""].join("\n")],
    ["an old block is replaced where it stands", `A=1\n${BLOCK[0]}\nCANISTER_ID_OLD='x'\n${BLOCK.at(-1)}\nB=2\n`, ["A=1", ...BLOCK, "B=2", ""].join("\n")],
    ["a block without an end is no block", `${BLOCK[0]}\nMINE=1\n`, [BLOCK[0], "MINE=1", "", ...BLOCK, ""].join("\n")],
    ["CRLF stays CRLF", "A=1\r\n", ["A=1", "", ...BLOCK, ""].join("\r\n")],
  ])("%s", (_, before, after) => {
    using folder = temporaryFolder();
    writeFileSync(join(folder.path, ".env"), before);
    write(folder.path);
    expect(readFileSync(join(folder.path, ".env"), "utf8")).toBe(after);
    write(folder.path);
    expect(readFileSync(join(folder.path, ".env"), "utf8").split(BLOCK.at(-1)!).length).toBe(2); // once, however often it is written
  });
  test("a project that names no file gets none; one that cannot be written is an error", () => {
    using folder = temporaryFolder();
    expect(writeEnvFile({ root: folder.path, canisters }, ids, "local", {})).toBeUndefined();
    expect(existsSync(join(folder.path, ".env"))).toBe(false);
    mkdirSync(join(folder.path, ".env"));
    expect(() => write(folder.path)).toThrowError(expect.objectContaining({ code: "ICX1011" }));
  });
});
