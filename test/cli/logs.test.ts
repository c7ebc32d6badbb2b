import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { assemble } from "../canisters/assemble.ts";
import { startHere } from "./project.ts";
import { icx, temporaryFolder, type Ran } from "./run.ts";

/** Prints its argument and replies with nothing, or traps with it. */
const SPEAKER = `(module
  (import "ic0" "msg_arg_data_size" (func $size (result i32))) (import "ic0" "msg_arg_data_copy" (func $copy (param i32 i32 i32)))
  (import "ic0" "debug_print" (func $print (param i32 i32))) (import "ic0" "trap" (func $trap (param i32 i32))) (import "ic0" "msg_reply" (func $reply))
  (memory 1)
  (func $read (call $copy (i32.const 0) (i32.const 0) (call $size)))
  (func (export "canister_update speak") (call $read) (call $print (i32.const 0) (call $size)) (call $reply))
  (func (export "canister_update fail") (call $read) (call $trap (i32.const 0) (call $size))))`;
interface Event { readonly timestamp: string; readonly canister: string; readonly canister_id: string; readonly index: string; readonly content: string }

/** A run that streams: its lines as they come. */
function following(path: string, argv: readonly string[]): { next(matches: (line: string) => boolean): Promise<{ readonly line: string; readonly at: number }>; readonly lines: readonly string[]; end(): Promise<Ran> } {
  const controller = new AbortController(), lines: string[] = [], waiting: { readonly matches: (line: string) => boolean; readonly found: (line: { readonly line: string; readonly at: number }) => void }[] = [];
  const write = (text: string): void => {
    for (const line of text.trimEnd().split("\n")) {
      lines.push(line);
      for (const one of waiting.filter(({ matches }) => matches(line))) { waiting.splice(waiting.indexOf(one), 1); one.found({ line, at: performance.now() }); }
    }
  };
  const running = icx(path, argv, { stdout: { write, columns: 80 }, interrupted: controller.signal }, false);
  return {
    lines,
    async next(matches) {
      const known = lines.find(matches);
      if (known !== undefined) return { line: known, at: performance.now() };
      return await Promise.race([new Promise<{ readonly line: string; readonly at: number }>((found) => { waiting.push({ matches, found }); }), running.then(({ code, stderr }) => expect.unreachable(`it ended with ${code}: ${stderr}`))]);
    },
    end: async () => { controller.abort(); return await running; },
  };
}

describe("icx logs", { timeout: 60_000 }, () => {
  const folder = temporaryFolder(), run = (...argv: readonly string[]): Promise<Ran> => icx(folder.path, [...argv, "--json"]);
  const say = (canister: string, text: string, method = "speak"): Promise<Ran> => icx(folder.path, ["call", canister, method, Buffer.from(text).toString("hex"), "--args-format", "hex"]);
  let network: Awaited<ReturnType<typeof startHere>>;
  beforeAll(async () => {
    writeFileSync(join(folder.path, "speaker.wasm"), await assemble(SPEAKER));
    writeFileSync(join(folder.path, "icp.yaml"), ["one", "another"].reduce((text, name) => `${text}  - name: ${name}\n    build: { steps: [{ type: pre-built, path: speaker.wasm }] }\n`, "canisters:\n"));
    network = await startHere(folder.path, ["--port", "0"]);
    expect(await run("deploy")).toMatchObject({ code: 0 });
    await say("another", "first");
    await say("one", "second");
    await say("another", "third\nof two lines");
  }, 60_000);
  afterAll(async () => { await network.stop(); folder[Symbol.dispose](); });

  test("all canisters as one log, in the order of time; some of them; the last ones; later ones", async () => {
    const { stdout } = await icx(folder.path, ["logs"]);
    expect(stdout.replace(/^20\S+Z/gm, "T")).toBe("T  another  first\nT  one      second\nT  another  third\n    of two lines\n");
    const records = async (...argv: readonly string[]): Promise<readonly string[]> => ((await run("logs", ...argv)).json as { readonly log_records: readonly Event[] }).log_records.map(({ canister, content }) => `${canister}: ${content}`);
    expect(await records()).toEqual(["another: first", "one: second", "another: third\nof two lines"]);
    expect(await records("one")).toEqual(["one: second"]);
    expect(await records("--tail", "1")).toEqual(["another: third\nof two lines"]);
    expect(await records("--since", "1h")).toHaveLength(3);
    expect(await records("--since", String(BigInt(Date.now() + 3_600_000) * 1_000_000n))).toEqual([]);
    expect(await run("logs", "three")).toMatchObject({ code: 2, json: { error: { code: "ICX5008" } } });
    expect(await run("logs", "--since", "soon")).toMatchObject({ code: 2, json: { error: { code: "ICX5001" } } });
  });
  test("--follow shows a trap of either of two canisters within a second, each record once, until it is interrupted", async () => {
    const shown = following(folder.path, ["logs", "--follow", "--tail", "0", "--json"]);
    await say("one", "begin");
    await shown.next((line) => line.includes("begin")); // it follows now
    for (const name of ["one", "another", "one"]) {
      const message = `${name} ends at ${performance.now()}`, failed = await say(name, message, "fail"), began = performance.now();
      expect(failed.code).toBe(1);
      const { line, at } = await shown.next((candidate) => candidate.includes(message));
      expect(at - began).toBeLessThan(1_000);
      expect(JSON.parse(line)).toMatchObject({ canister: name, canister_id: expect.stringMatching(/-cai$/) as unknown, content: expect.stringMatching(new RegExp(`^\\[TRAP\\]: .*${message}`)) as unknown });
    }
    expect((await shown.end()).code).toBe(130);
    const seen = shown.lines.map((line) => JSON.parse(line) as Event).map(({ canister, index }) => `${canister} ${index}`);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toHaveLength(4);
  });
  test("a network that does not run is not followed: it would be held", async () => {
    await network.stop();
    expect(await run("logs", "--follow")).toMatchObject({ code: 1, json: { error: { code: "ICX2004" } } });
    expect(await run("logs", "--tail", "1")).toMatchObject({ code: 0, json: { log_records: [{ canister: "one" }] } });
    network = await startHere(folder.path, ["--port", "0"]);
  });
});
