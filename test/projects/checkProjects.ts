import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { promisify } from "node:util";
import { parse } from "yaml";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Network, startNetwork } from "../../src/index.ts";
import { assemble, counterModule, withCustomSection } from "../canisters/assemble.ts";
import { icx, temporaryFolder, type Ran } from "../cli/run.ts";

/** What a project here shows, in its test.json. */
interface Check {
  readonly feature: string;
  /** Canister, method, argument, what is printed. */
  readonly calls: readonly (readonly [string, string, string, string])[];
  /** Options that choose the environment. */
  readonly place?: readonly string[];
  /** File of ids → names in it. */
  readonly mapping?: Readonly<Record<string, readonly string[]>>;
  readonly written?: readonly string[];
  readonly metadata?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly settings?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Canister → names or principals that are among its controllers. */
  readonly controllers?: Readonly<Record<string, readonly string[]>>;
  /** The whole is refused; these are what is left. */
  readonly refused?: { readonly code: string; readonly others: readonly string[] };
  readonly notes?: readonly string[];
  /** A second deploy. */
  readonly again?: { readonly argv: readonly string[]; readonly calls: Check["calls"] };
  /** A call that the real icp makes in this folder, with the ids that were written. */
  readonly interop?: readonly string[];
  /** The real icp does not read this one. */
  readonly icp?: false;
}

const HERE = import.meta.dirname, ICP = resolve("node_modules/@icp-sdk/icp-cli-linux-x64/bin/icp"), hasIcp = existsSync(ICP);
const TOLD_CANDID = "service : (nat, text) -> { argument : () -> (nat, text) query; variable : (text) -> (text) query }";
/** The folders of this folder, each a project with one feature. */
export const projects: readonly string[] = readdirSync(HERE, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name).sort();
/** Whether Motoko has to be compiled for it, which takes seconds. */
const isMotoko = (name: string): boolean => readdirSync(join(HERE, name), { recursive: true, encoding: "utf8" }).some((file) => file.endsWith(".mo"));
const checkOf = (name: string): Check => JSON.parse(readFileSync(join(HERE, name, "test.json"), "utf8")) as Check;

/** Loads, shows, deploys and calls the projects beside this file: those with Motoko, or the others. One network serves all of them. */
export function checkProjects(which: "motoko" | "others"): void {
  const chosen = projects.filter((name) => isMotoko(name) === (which === "motoko"));
  describe(`projects as they are: ${which}`, () => {
    const folder = temporaryFolder(), home = join(folder.path, "Händ's own home");
    let network: Network, url: string, modules: Readonly<Record<string, Uint8Array>>;
    beforeAll(async () => {
      network = await startNetwork();
      ({ url } = await network.listen({ port: 0 }));
      const told = await assemble(readFileSync(join(HERE, "../canisters/told.wat"), "utf8"));
      modules = { counter: await counterModule(), told: withCustomSection(told, "icp:public candid:service", Buffer.from(TOLD_CANDID)) };
    });
    afterAll(async () => { await network.stop(); folder[Symbol.dispose](); });

    /** A copy with a space and an umlaut in its path, whose local network is the one of this file. */
    function ground(name: string): string {
      const path = join(folder.path, `${name} für alle`), hash = createHash("sha256").update(modules["counter"]!).digest("hex");
      cpSync(join(HERE, name), path, { recursive: true });
      for (const entry of readdirSync(path, { recursive: true, withFileTypes: true })) {
        const file = join(entry.parentPath, entry.name);
        if (entry.isFile() && /\.(yaml|json)$/.test(file)) writeFileSync(file, readFileSync(file, "utf8").replaceAll("COUNTER_SHA256", hash).replaceAll("http://127.0.0.1:4943", url));
        if (entry.isFile() && file.endsWith(".wasm")) writeFileSync(file, modules["counter"]!);
      }
      if (existsSync(join(path, "bin/cargo"))) chmodSync(join(path, "bin/cargo"), 0o755);
      for (const [module, wasm] of Object.entries(modules)) { mkdirSync(join(path, "modules"), { recursive: true }); writeFileSync(join(path, "modules", `${module}.wasm`), wasm); }
      mkdirSync(join(path, ".icx/network"), { recursive: true });
      const descriptor = { pid: process.pid, url, port: Number(new URL(url).port), rootKey: Buffer.from(network.rootKey).toString("hex"), effectiveCanisterId: network.defaultEffectiveCanisterId, stateDir: "here", startedAt: new Date(0).toISOString(), version: "test" };
      writeFileSync(join(path, ".icx/network/network.json"), JSON.stringify(descriptor));
      return path;
    }
    const run = (path: string, ...argv: readonly string[]): Promise<Ran> => icx(path, argv, { env: { HOME: home, ICX_HOME: join(home, "icx"), PATH: `${join(path, "bin")}${delimiter}${process.env["PATH"] ?? ""}` } });
    async function icp(path: string, ...argv: readonly string[]): Promise<string> {
      const env = { PATH: process.env["PATH"] ?? "", HOME: home, ICP_HOME: join(home, "icp"), DO_NOT_TRACK: "1", ICP_TELEMETRY_DISABLED: "1", NO_COLOR: "1" };
      mkdirSync(home, { recursive: true });
      return (await promisify(execFile)(ICP, [...argv], { cwd: path, env })).stdout;
    }
    const succeed = async (path: string, ...argv: readonly string[]): Promise<Ran> => { const ran = await run(path, ...argv); expect(ran.code, `icx ${argv.join(" ")}: ${ran.stderr}`).toBe(0); return ran; };

    const comparable = chosen.filter((name) => existsSync(join(HERE, name, "icp.yaml")) && checkOf(name).icp !== false && !readFileSync(join(HERE, name, "icp.yaml"), "utf8").includes("@dfinity/"));
    test.skipIf(!hasIcp).each(comparable)("%s: the effective project is that of the real icp", async (name) => {
      const path = ground(`${name}`), theirs = parse(await icp(path, "project", "show"), { logLevel: "silent" }) as unknown, ours = parse((await succeed(path, "project", "show")).stdout, { logLevel: "silent" }) as unknown;
      expect(ours).toEqual(theirs);
    });

    test.each(chosen.map((name) => [name, checkOf(name).feature] as const))("%s: %s", async (name) => {
      const path = ground(name), { calls, place = [], refused, again, mapping = {}, written = [], metadata = {}, settings = {}, controllers = {}, notes = [], interop } = checkOf(name);
      if (refused !== undefined) {
        const { code, json } = await run(path, "deploy", "--json");
        expect({ code, json }).toMatchObject({ code: 1, json: { error: { code: refused.code, others: refused.others, hint: expect.stringContaining(`\`icx deploy ${refused.others.join(" ")}\``) as unknown } } });
        const { ids } = (await run(path, "canister", "list", "--json")).json as { readonly ids: Readonly<Record<string, string | null>> };
        expect(new Set(Object.values(ids))).toEqual(new Set([null]));
      }
      const { stderr } = await succeed(path, "deploy", ...(refused?.others ?? []), ...place);
      for (const note of notes) expect(stderr.split(note)).toHaveLength(2);
      for (const [canister, method, argument, printed] of calls) expect((await succeed(path, "canister", "call", canister, method, argument, ...place)).stdout.trim()).toBe(printed);
      for (const file of written) expect(existsSync(join(path, file)), file).toBe(true);
      for (const [canister, sections] of Object.entries(metadata)) for (const [section, content] of Object.entries(sections)) expect((await succeed(path, "canister", "metadata", canister, section)).stdout.trim()).toBe(content);
      for (const [canister, wanted] of Object.entries(settings)) expect((await succeed(path, "canister", "settings", "show", canister, "--json")).json).toMatchObject(wanted);
      for (const [canister, names] of Object.entries(controllers)) {
        const { ids } = (await succeed(path, "canister", "list", "--json")).json as { readonly ids: Readonly<Record<string, string>> }, self = (await succeed(path, "identity", "principal")).stdout.trim();
        const { json } = await succeed(path, "canister", "settings", "show", canister, "--json");
        expect([...(json as { readonly controllers: readonly string[] }).controllers].sort()).toEqual([self, ...names.map((name) => ids[name] ?? name)].sort());
      }
      for (const [file, names] of Object.entries(mapping)) {
        const ids = readFileSync(join(path, file), "utf8");
        expect(Object.keys(JSON.parse(ids) as object)).toEqual(expect.arrayContaining([...names]));
        rmSync(join(path, file));
        await succeed(path, "canister", "status", names[0]!, ...place);
        expect(Object.entries(JSON.parse(ids) as object)).toEqual(expect.arrayContaining(Object.entries(JSON.parse(readFileSync(join(path, file), "utf8")) as object))); // written again
      }
      if (interop !== undefined && hasIcp) expect((await icp(path, "canister", "call", ...interop)).trim()).toMatch(/nat\)$/);
      if (again === undefined) return;
      await succeed(path, ...again.argv);
      for (const [canister, method, argument, printed] of again.calls) expect((await succeed(path, "canister", "call", canister, method, argument)).stdout.trim()).toBe(printed);
    });
  });
}
