import { generateKeyPairSync } from "node:crypto";
import { chmodSync, existsSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ed25519KeyIdentity } from "@icp-sdk/core/identity";
import { describe, expect, test } from "vitest";
import { icx, temporaryFolder, type Ran } from "./run.ts";
import { keysOf, ownEnvironment, roomForKeys } from "./surrounding.ts";

const error = (code: string, exit = 1): object => ({ code: exit, json: { error: { code } } });
const keys = (folder: string): readonly string[] => readdirSync(join(keysOf(folder), "identity")).sort();
const ground = (folder: string): ((...argv: readonly string[]) => Promise<Ran>) => {
  roomForKeys(folder);
  return (...argv) => icx(folder, [...argv, "--json"]);
};
/** PKCS #8 as dfx wrote Ed25519 keys once: version 2, its public key under `tag`, which was wrong for years. */
function dfxPem(tag: "8121" | "a123032100"): { readonly pem: string; readonly principal: string } {
  const seed = Uint8Array.from({ length: 32 }, (_, index) => index + 1), identity = Ed25519KeyIdentity.fromSecretKey(seed), publicKey = Buffer.from(new Uint8Array(identity.getPublicKey().toRaw()));
  const rest = Buffer.concat([Buffer.from(tag === "8121" ? "812100" : tag, "hex"), publicKey]), body = Buffer.concat([Buffer.from("020101300506032b657004220420", "hex"), seed, rest]);
  const der = Buffer.concat([Buffer.from([0x30, body.length]), body]);
  return { pem: `-----BEGIN PRIVATE KEY-----\n${der.toString("base64").match(/.{1,64}/g)!.join("\n")}\n-----END PRIVATE KEY-----\n`, principal: identity.getPrincipal().toText() };
}

describe("identities", () => {
  test("new, list, use, default, rename, delete", async () => {
    using folder = temporaryFolder();
    const run = ground(folder.path), { principal } = (await run("identity", "new", "alice")).json as { readonly principal: string };
    expect(await run("identity", "list")).toMatchObject({ json: { default_identity: "default", identities: [{ name: "anonymous", principal: "2vxsx-fae" }, { name: "alice", principal }] } });
    expect(await run("identity", "use", "alice")).toMatchObject({ code: 0 });
    expect(await icx(folder.path, ["identity", "default"])).toMatchObject({ stdout: "alice\n" });
    expect(await icx(folder.path, ["identity", "whoami"])).toMatchObject({ stdout: "alice\n" });
    expect(await icx(folder.path, ["identity", "get-principal"])).toMatchObject({ stdout: `${principal}\n` });
    expect((await icx(folder.path, ["identity", "list"])).stdout).toBe(`  anonymous  2vxsx-fae\n* alice      ${principal}\n`);
    expect(await run("identity", "rename", "alice", "carol")).toMatchObject({ code: 0 });
    expect(await icx(folder.path, ["identity", "principal"])).toMatchObject({ stdout: `${principal}\n` }); // the choice follows
    expect(await run("identity", "delete", "carol", "-y")).toMatchObject(error("ICX3009"));
    expect(await run("identity", "default", "anonymous")).toMatchObject({ code: 0 });
    expect(await run("identity", "delete", "carol")).toMatchObject(error("ICX5009", 2));
    expect(keys(folder.path)).toEqual(["carol.pem", "identity.json"]);
    expect(await run("identity", "remove", "carol", "-y")).toMatchObject({ code: 0 });
    expect(keys(folder.path)).toEqual(["identity.json"]);
  });
  test("nothing is overwritten, and anonymous is nobody's", async () => {
    using folder = temporaryFolder();
    const run = ground(folder.path), file = (name: string): string => readFileSync(join(keysOf(folder.path), "identity", `${name}.pem`), "utf8");
    for (const name of ["alice", "bob"]) expect(await run("identity", "new", name)).toMatchObject({ code: 0 });
    const before = [file("alice"), file("bob")];
    writeFileSync(join(folder.path, "key.pem"), file("alice"));
    for (const argv of [["new", "bob"], ["import", "bob", "key.pem"], ["rename", "alice", "bob"], ["new", "anonymous"], ["import", "anonymous", "key.pem"], ["rename", "alice", "anonymous"]]) expect(await run("identity", ...argv), argv.join(" ")).toMatchObject(error("ICX3003"));
    for (const argv of [["delete", "anonymous"], ["rename", "anonymous", "x"], ["export", "anonymous"]]) expect(await run("identity", ...argv, "-y"), argv.join(" ")).toMatchObject(error("ICX3008", 2));
    for (const argv of [["new", "../x"], ["rename", "alice", "../x"], ["delete", "../alice"], ["use", "a/b"], ["export", ".."]]) expect(await run("identity", ...argv, "-y"), argv.join(" ")).toMatchObject(error("ICX3004", 2));
    for (const argv of [["delete", "nobody"], ["rename", "nobody", "x"], ["use", "nobody"], ["export", "nobody"]]) expect(await run("identity", ...argv, "-y"), argv.join(" ")).toMatchObject(error("ICX3002"));
    expect([file("alice"), file("bob")]).toEqual(before);
  });
  test("a new identity shows its seed phrase once, or writes it to a new file", async () => {
    using folder = temporaryFolder();
    const run = ground(folder.path), { principal } = (await run("identity", "new", "alice", "--output-seed", "seed.txt")).json as { readonly principal: string };
    expect(await run("identity", "import", "again", "--from-seed-file", "seed.txt")).toMatchObject({ code: 0, json: { principal } });
    expect(await run("identity", "new", "bob", "--output-seed", "seed.txt")).toMatchObject(error("ICX1011")); // and no key without its phrase
    expect(keys(folder.path)).toEqual(["again.pem", "alice.pem"]);
    expect((await icx(folder.path, ["identity", "new", "carol", "--quiet"])).stdout.trim().split(" ")).toHaveLength(24);
    expect((await icx(folder.path, ["identity", "new", "dora"])).stdout).toMatch(/^Created the identity dora: [\s\S]*seed phrase[\s\S]*\n( [a-z]+|  [a-z]+){24}\n$/);
    writeFileSync(join(folder.path, "seed.txt"), "twelve words that are none");
    expect(await run("identity", "import", "erna", "--from-seed-file", "seed.txt")).toMatchObject(error("ICX3010"));
    expect(await run("identity", "import", "erna", "--from-seed-file", "seed.txt", "--from-pem", "seed.txt")).toMatchObject(error("ICX5001", 2));
  });
  test.each([["ed25519", undefined, "pkcs8"], ["ec", "secp256k1", "pkcs8"], ["ec", "secp256k1", "sec1"], ["ec", "prime256v1", "pkcs8"], ["ec", "prime256v1", "sec1"]] as const)("imports a %s %s key as %s, exports it as PKCS #8, and imports that again", async (kind, namedCurve, type) => {
    using folder = temporaryFolder();
    const run = ground(folder.path), { privateKey } = kind === "ec" ? generateKeyPairSync("ec", { namedCurve }) : generateKeyPairSync("ed25519");
    const parameters = type === "sec1" ? "-----BEGIN EC PARAMETERS-----\nBgUrgQQACg==\n-----END EC PARAMETERS-----\n" : ""; // as dfx writes them
    writeFileSync(join(folder.path, "key.pem"), parameters + privateKey.export({ type, format: "pem" }));
    const { principal } = (await run("identity", "import", "one", "--from-pem", "key.pem")).json as { readonly principal: string };
    const { stdout } = await icx(folder.path, ["identity", "export", "one"]);
    expect(stdout).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    writeFileSync(join(folder.path, "again.pem"), stdout);
    expect(await run("identity", "import", "two", "again.pem")).toMatchObject({ code: 0, json: { principal } });
    if (process.platform !== "win32") expect(statSync(join(keysOf(folder.path), "identity", "two.pem")).mode & 0o777).toBe(0o600);
  });
  test.each(["8121", "a123032100"] as const)("reads the Ed25519 keys of old dfx (%s)", async (tag) => {
    using folder = temporaryFolder();
    const { pem, principal } = dfxPem(tag);
    writeFileSync(join(folder.path, "old.pem"), pem);
    expect(await ground(folder.path)("identity", "import", "old", "old.pem")).toMatchObject({ code: 0, json: { principal } });
  });
  test("encrypted keys need their password", async () => {
    using folder = temporaryFolder();
    const run = ground(folder.path), { principal } = (await run("identity", "new", "alice")).json as { readonly principal: string };
    writeFileSync(join(folder.path, "password"), "c0rrect horse\r\n");
    writeFileSync(join(folder.path, "wrong"), "battery");
    const { stdout } = await icx(folder.path, ["identity", "export", "alice", "--encryption-password-file", "password"]);
    expect(stdout).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----\n/);
    writeFileSync(join(folder.path, "secret.pem"), stdout);
    expect(await run("identity", "import", "bob", "secret.pem")).toMatchObject(error("ICX3007"));
    expect(await run("identity", "import", "bob", "secret.pem", "--decryption-password-from-file", "wrong")).toMatchObject(error("ICX3007"));
    expect(await run("identity", "import", "bob", "secret.pem", "--decryption-password-from-file", "password")).toMatchObject({ code: 0, json: { principal } });
  });
  test("what is no key is refused, and nothing is kept of it", async () => {
    using folder = temporaryFolder();
    const run = ground(folder.path), rsa = generateKeyPairSync("rsa", { modulusLength: 2_048 }).privateKey.export({ type: "pkcs8", format: "pem" }) as string;
    const curve = generateKeyPairSync("ec", { namedCurve: "secp384r1" }).privateKey.export({ type: "pkcs8", format: "pem" }) as string, publicKey = generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "pem" }) as string;
    for (const [name, content] of [["empty", ""], ["text", "hello"], ["rsa", rsa], ["p384", curve], ["public", publicKey], ["cut", dfxPem("8121").pem.slice(0, 60)], ["zero", "\u0000".repeat(1_000)]] as const) {
      writeFileSync(join(folder.path, "bad.pem"), content);
      expect(await run("identity", "import", "bad", "bad.pem"), name).toMatchObject(error("ICX3006"));
    }
    expect(await run("identity", "import", "bad", "missing.pem")).toMatchObject(error("ICX1010"));
    expect(await run("identity", "import", "bad")).toMatchObject(error("ICX5001", 2));
    expect(existsSync(keysOf(folder.path))).toBe(false);
  });
  test("a damaged key is named, and does not hide the others", async () => {
    using folder = temporaryFolder();
    const run = ground(folder.path);
    await run("identity", "new", "alice");
    writeFileSync(join(keysOf(folder.path), "identity", "broken.pem"), "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    expect(await run("identity", "list")).toMatchObject({ code: 0, stderr: expect.stringContaining("broken") as unknown, json: { identities: [{ name: "anonymous" }, { name: "alice" }, { name: "broken", principal: null }] } });
    expect(await run("identity", "principal", "--identity", "broken")).toMatchObject(error("ICX3001"));
  });
  test("a folder that cannot be written is said with its remedy", async () => {
    using folder = temporaryFolder();
    writeFileSync(join(folder.path, "file"), "");
    const env = ownEnvironment("ICX_HOME is what cannot be written", { ICX_HOME: join(folder.path, "file") });
    expect(await icx(folder.path, ["identity", "new", "alice", "--json"], { env })).toMatchObject(error("ICX3005"));
    expect(await icx(folder.path, ["identity", "use", "anonymous", "--json"], { env })).toMatchObject(error("ICX3005"));
    expect(await icx(folder.path, ["identity", "list", "--json"], { env })).toMatchObject({ code: 0 });
  });
  test.skipIf(process.platform === "win32" || process.getuid?.() === 0)("a read-only folder still serves the keys in it", async () => {
    using folder = temporaryFolder();
    const run = ground(folder.path), home = join(keysOf(folder.path), "identity");
    await run("identity", "new", "alice");
    chmodSync(home, 0o500);
    try {
      expect(await run("identity", "principal", "--identity", "alice")).toMatchObject({ code: 0 });
      expect(await run("identity", "new", "bob")).toMatchObject(error("ICX3005"));
    } finally { chmodSync(home, 0o700); }
  });
});
