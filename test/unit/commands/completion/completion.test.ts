import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, expect, test } from "vitest";
import { completionPoints } from "../../../../src/commands/completion/points.ts";
import { completionScript } from "../../../../src/commands/completion/script.ts";
import { commands } from "../../../../src/commands/index.ts";
import { icx, temporaryFolder } from "../../../cli/run.ts";

const points = completionPoints(commands), at = (words: string): (typeof points)[number] => points.find((point) => point.words === words)!;
const installed = (shell: string): string | undefined => (spawnSync(shell, ["--version"]).error === undefined ? undefined : `no ${shell} here`);

describe("what may follow", () => {
  test("the program: every visible verb, no alias of dfx", () => {
    const names = at("").commands.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["new", "deploy", "canister", "identity", "doctor"]));
    expect(names).not.toContain("call");
    expect(at("network").commands.map(({ name }) => name)).toEqual(expect.arrayContaining(["start", "stop", "status", "ping"]));
    expect(at("canister settings").commands.map(({ name }) => name)).toEqual(["show", "update", "sync"]);
  });
  test("a verb: its options with their values, and where its arguments come from", () => {
    expect(at("deploy").options.find(({ long }) => long === "--mode")).toMatchObject({ short: "-m", takes: "text", choices: ["auto", "install", "reinstall", "upgrade"] });
    expect(at("canister call").options.find(({ long }) => long === "--argument")).toBeUndefined();
    expect(at("canister call").values).toBe("canisters");
    expect(at("identity import").options.find(({ long }) => long === "--from-pem")).toMatchObject({ takes: "file" });
  });
  test("every option has a name that shells can complete", () => expect(points.flatMap(({ words, options }) => options.filter(({ long }) => !/^--[\w-]+$/.test(long)).map(() => words))).toEqual([]));
});

describe("scripts", () => {
  test.each(["bash", "zsh", "fish", "powershell"] as const)("%s: names every verb and holds nothing unfilled", (shell) => {
    const script = completionScript(commands, shell);
    for (const { words } of points) for (const word of words.split(" ")) expect(script).toContain(word);
    expect(script).not.toMatch(/undefined|\[object/);
  });
  test("the verb prints it; another shell is wrong usage", async () => {
    using folder = temporaryFolder();
    expect(await icx(folder.path, ["completion", "bash"])).toMatchObject({ code: 0, stdout: completionScript(commands, "bash"), stderr: "" });
    expect(await icx(folder.path, ["completions", "tcsh", "--json"])).toMatchObject({ code: 2, json: { error: { code: "ICX5001", message: expect.stringContaining("powershell") as unknown } } });
  });
  const missing = installed("bash");
  describe.skipIf(missing !== undefined)(`in a real bash${missing === undefined ? "" : ` (skipped: ${missing})`}`, () => {
    /** What bash offers for a line with the cursor at its end; a stand-in for icx knows two canisters, two nodes and a subnet. */
    const offered = (line: readonly string[]): readonly string[] => {
      using folder = temporaryFolder();
      const bin = join(folder.path, "bin"), script = join(folder.path, "icx.bash");
      mkdirSync(bin);
      writeFileSync(join(bin, "icx"), "#!/usr/bin/env bash\n[ \"$*\" = \"canister list --quiet\" ] && printf 'counter\\nledger\\n'\n[ \"$*\" = \"node list --quiet --running\" ] && printf 'zj4d3-a\\n2kx6u-b\\n'\n[ \"$*\" = \"subnet list --quiet --running\" ] && printf 'bkfrj-c\\n'\n");
      chmodSync(join(bin, "icx"), 0o755);
      writeFileSync(script, completionScript(commands, "bash"));
      const run = `source "$1"; shift; COMP_WORDS=(icx "$@"); COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 )); _icx; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const { stdout, stderr } = spawnSync("bash", ["--norc", "-c", run, "bash", script, ...line], { encoding: "utf8", env: { ...process.env, PATH: [bin, process.env["PATH"] ?? ""].join(delimiter) } });
      expect(stderr).toBe("");
      return stdout.split("\n").filter((word) => word !== "");
    };
    test.each([
      [["dep"], ["deploy"]], [["canister", "sta"], ["status", "start"]], [["canister", "settings", ""], ["show", "update", "sync"]], [["deploy", "--mode", "re"], ["reinstall"]], [["deploy", "-m", "u"], ["upgrade"]],
      [["canister", "call", ""], ["counter", "ledger"]], [["canister", "call", "c"], ["counter"]], [["canister", "call", "--upd"], ["--update"]], [["completion", "f"], ["fish"]], [["identity", "import", "--from-p"], ["--from-pem"]],
      [["canister", "logs", "counter", "--fol"], ["--follow"]], [["deploy", "--log-level", ""], ["error", "warn", "info", "debug"]], [["xyzzy", "z"], []],
      [["node", "stop", ""], ["zj4d3-a", "2kx6u-b"]], [["network", "partition", "zj4d3-a", "2"], ["2kx6u-b"]], [["subnet", "info", "b"], ["bkfrj-c"]], [["deploy", "--subnet", ""], ["bkfrj-c"]], [["subnet", "rem"], ["remove"]],
    ])("icx %j offers %j", (line, words) => expect([...offered(line)].sort()).toEqual([...words].sort()));
  });
});
