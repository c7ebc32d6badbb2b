import { HttpAgent } from "@dfinity/agent";
import fc from "fast-check";
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodeArguments } from "../../src/client/candidArguments.ts";
import { typeText } from "../../src/client/candidType.ts";
import { printCandid } from "../../src/client/printCandid.ts";
import { type Network, startNetwork } from "../../src/index.ts";
import { assemble } from "../canisters/assemble.ts";
import { createAndInstall } from "../canisters/install.ts";
import { icx } from "../cli/run.ts";
import { NAMED_TYPES, typedValues, type TypedValue } from "../unit/client/candidArbitrary.ts";

const ICP = resolve("node_modules/@icp-sdk/icp-cli-linux-x64/bin/icp");
const missing = existsSync(ICP) ? undefined : "the icp binary is published for linux-x64 only";
const VALUES = 300, A_CALL = 10, AT_ONCE = 3;

describe.skipIf(missing !== undefined)(`candid text beside the real icp binary${missing === undefined ? "" : ` (skipped: ${missing})`}`, () => {
  let network: Network, url: string, canister: string, home: string;
  beforeAll(async () => {
    network = await startNetwork();
    ({ url } = await network.listen({ port: 0 }));
    const agent = HttpAgent.createSync({ host: url, rootKey: network.rootKey });
    const echo = await assemble(readFileSync(new URL("../canisters/echo.wat", import.meta.url), "utf8"), "echo.wat");
    canister = (await createAndInstall(agent, network.defaultEffectiveCanisterId, echo)).toText();
    home = mkdtempSync(join(tmpdir(), "icx-candid-"));
  });
  afterAll(async () => { await network.stop(); rmSync(home, { recursive: true, force: true }); });

  const call = (args: readonly string[]): readonly string[] => ["canister", "call", canister, "echo", ...args, "--query", "-n", url];
  const real = async (args: readonly string[]): Promise<string> => {
    const env = { PATH: process.env["PATH"] ?? "", HOME: home, ICP_HOME: join(home, ".icp-home"), DO_NOT_TRACK: "1", ICP_TELEMETRY_DISABLED: "1", NO_COLOR: "1" };
    return (await promisify(execFile)(ICP, [...call(args), "-k", "fetch"], { cwd: home, env })).stdout;
  };
  const ours = async (args: readonly string[]): Promise<string> => {
    const { stdout, stderr, code } = await icx(home, [...call(args), "--root-key", Buffer.from(network.rootKey).toString("hex")], {}, false);
    expect(code, stderr).toBe(0);
    return stdout;
  };
  /** One call of each program with the same bytes: the same text. */
  const compare = async (name: string, values: readonly TypedValue[], options: readonly string[] = []): Promise<void> => {
    const kinds = values.map(({ type }) => type), tuple = `(${kinds.map(typeText).join(", ")})`;
    const did = join(home, `${name}.did`), argument = join(home, `${name}.hex`);
    writeFileSync(did, `${[...NAMED_TYPES].map(([named, type]) => `type ${named} = ${typeText(type)};\n`).join("")}service : { echo : ${tuple} -> ${tuple} query }`);
    const bytes = encodeArguments(printCandid(values.map(({ value }) => value), kinds, NAMED_TYPES), "echo", { args: kinds }, NAMED_TYPES);
    writeFileSync(argument, Buffer.from(bytes).toString("hex"));
    const args = ["--args-file", argument, "--args-format", "hex", ...(options.includes("untyped") ? [] : ["--candid", did]), ...options.filter((option) => option !== "untyped")];
    const [theirs, own] = await Promise.all([real(args), ours(args)]);
    expect(own).toBe(theirs);
  };

  test(`${VALUES} values over all types print the same`, async () => {
    const values = fc.sample(typedValues(false), { seed: 2, numRuns: VALUES }), calls: TypedValue[][] = [];
    for (let at = 0; at < values.length; at += A_CALL) calls.push(values.slice(at, at + A_CALL));
    for (let at = 0; at < calls.length; at += AT_ONCE) await Promise.all(calls.slice(at, at + AT_ONCE).map((some, index) => compare(`call${at + index}`, some)));
    expect(calls.flat().length).toBe(VALUES);
  }, 180_000);
  test("without an interface the fields have numbers", async () => {
    await compare("untyped", fc.sample(typedValues(false), { seed: 5, numRuns: 30 }), ["untyped"]);
  });
});
