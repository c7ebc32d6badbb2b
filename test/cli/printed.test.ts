import { spawn } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { Certificate } from "@dfinity/agent";
import { Principal } from "@dfinity/principal";
import { afterAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "./run.ts";
import { environment } from "./surrounding.ts";

const ground = temporaryFolder(), bin = join(ground.path, "bin"), home = join(ground.path, "home");
mkdirSync(bin);
mkdirSync(home);
chmodSync("bin/icx.js", 0o755);
symlinkSync(resolve("bin/icx.js"), join(bin, "icx")); // as `npm link` puts it on the PATH
afterAll(() => ground[Symbol.dispose]());

interface Ran { readonly code: number | null; readonly stdout: string; readonly stderr: string }
/** Runs what was printed, in the shell of a user who has linked icx. */
async function paste(script: string, cwd: string): Promise<Ran> {
  const { PATH = "" } = process.env, child = spawn("/bin/sh", ["-e", "-c", script], { cwd, env: { ...environment(home), PATH: [bin, PATH].join(delimiter) }, stdio: ["ignore", "pipe", "pipe"] });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) child[name].setEncoding("utf8").on("data", (text: string) => { output[name] += text; });
  return await new Promise<Ran>((done, failed) => { child.on("error", failed); child.on("close", (code) => done({ code, ...output })); });
}
async function works(script: string, cwd: string): Promise<Ran> {
  const ran = await paste(script, cwd);
  expect(ran, `${script}\n${ran.stderr}`).toMatchObject({ code: 0 });
  return ran;
}
const folder = (name: string): string => { const path = join(ground.path, name); mkdirSync(path); return path; };
/** The lines below `Next:`. */
const nextOf = (stdout: string): string => /\nNext:\n((?: {2}.*\n?)+)/.exec(stdout)![1]!.replace(/^ {2}/gm, "");
const fromHex = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));

describe.skipIf(process.platform === "win32")("what is printed works when it is pasted", () => {
  test("README.md: from new to stop", async () => {
    const blocks = [...readFileSync("README.md", "utf8").matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map((match) => match[1]!).filter((block) => !block.includes("npm install"));
    expect(blocks).toHaveLength(1);
    const cwd = folder("readme");
    try { expect((await works(blocks[0]!, cwd)).stdout).toContain("(5 : nat)"); } finally { await paste("icx stop", join(cwd, "hello")).catch(() => undefined); }
  });
  test("icx demo: the next steps, and a certificate that an unmodified agent verifies", async () => {
    const cwd = folder("demo"), { stdout } = await works("icx demo --json", cwd);
    const told = JSON.parse(stdout) as { readonly certificate: string; readonly rootKey: string; readonly requestId: string; readonly canisterId: string; readonly next: readonly string[] };
    const at = { canisterId: Principal.fromText(told.canisterId) }, path = ["request_status", fromHex(told.requestId)] as const;
    const proven = await Certificate.create({ ...at, certificate: fromHex(told.certificate), rootKey: fromHex(told.rootKey) });
    expect(proven.lookup_path([...path, "status"])).toMatchObject({ status: "Found", value: Uint8Array.from(Buffer.from("replied")) });
    expect(proven.lookup_path([...path, "reply"])).toMatchObject({ status: "Found", value: Uint8Array.from(Buffer.from("4449444c00017d01", "hex")) }); // (1 : nat)
    const forged = fromHex(told.certificate);
    forged[forged.length - 20]! ^= 1; // in the signature or the delegation: nothing there may change
    await expect(Certificate.create({ ...at, certificate: forged, rootKey: fromHex(told.rootKey) })).rejects.toThrow();
    await expect(Certificate.create({ ...at, certificate: fromHex(told.certificate), rootKey: fromHex(`${told.rootKey.slice(0, -2)}00`) })).rejects.toThrow();
    const printed = told.next.join("\n");
    expect(readFileSync("README.md", "utf8")).toContain(["Next:", ...told.next.map((line) => `  ${line}`), "```"].join("\n"));
    try { expect((await works(printed, cwd)).stdout).toContain("(2 : nat)"); } finally { await paste("icx stop", join(cwd, "icx-demo")); }
  });
  test("icx new: the next steps, then those of what they print", async () => {
    const cwd = folder("new"), created = await works("icx new hello", cwd);
    cpSync(join(ground.path, "demo/icx-demo/.icx/cache"), join(cwd, "hello/.icx/cache"), { recursive: true }); // the same program: compiled once
    const deployed = await works(nextOf(created.stdout), cwd), project = join(cwd, "hello");
    try {
      expect(deployed.stdout).toMatch(/^counter +[\w-]+ +installed/m);
      expect((await works(nextOf(deployed.stdout), project)).stdout).toBe("(0 : nat)\n");
      const started = await works("icx start --background", project);
      await works(nextOf(started.stdout), project);
      const readme = readFileSync(join(project, "README.md"), "utf8").split("\n").filter((line) => line.startsWith("    ")).map((line) => line.trim());
      expect((await works(readme.join("\n"), project)).stdout).toContain("(1 : nat)");
    } finally { await paste("icx stop", project); }
  });
});
