import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Principal } from "@dfinity/principal";
import { Ed25519KeyIdentity } from "@icp-sdk/core/identity";
import { describe, expect, test } from "vitest";
import { createFromPhrase, importIdentity, listIdentities, openIdentity } from "../../../src/identity/identityStore.ts";
import { newKeyPem } from "../../../src/identity/privateKey.ts";
import { newSeedPhrase } from "../../../src/identity/seedPhrase.ts";
import { temporaryFolder } from "../../cli/run.ts";

describe("identities", () => {
  test("the default one is made at first use, readable by its owner alone, and stays", () => {
    using folder = temporaryFolder();
    const env = { ICX_HOME: folder.path }, first = openIdentity(env);
    expect(openIdentity(env).principal).toBe(first.principal);
    expect(Principal.fromText(first.principal).toUint8Array().at(-1)).toBe(2); // self-authenticating
    if (process.platform !== "win32") expect(statSync(join(folder.path, "identity", "default.pem")).mode & 0o777).toBe(0o600);
    const message = Buffer.from("message"), key = createPublicKey({ key: Buffer.from(first.publicKeyDer!), format: "der", type: "spki" });
    expect(verify(null, message, key, first.sign(message))).toBe(true);
  });
  test("the principal is the one that the published library gives the same key", () => {
    using folder = temporaryFolder();
    const env = { ICX_HOME: folder.path }, { principal } = openIdentity(env);
    const pem = readFileSync(join(folder.path, "identity", "default.pem"), "utf8"), der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ""), "base64");
    expect(Ed25519KeyIdentity.fromSecretKey(Uint8Array.from(der.subarray(-32))).getPrincipal().toText()).toBe(principal);
  });
  test.each([["secp256k1"], ["prime256v1"]])("a %s key of dfx is read and signs", (namedCurve) => {
    using folder = temporaryFolder();
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve });
    mkdirSync(join(folder.path, "identity"));
    writeFileSync(join(folder.path, "identity", "dfx.pem"), privateKey.export({ type: "sec1", format: "pem" }));
    const signature = openIdentity({ ICX_HOME: folder.path }, "dfx").sign(Buffer.from("message"));
    expect(signature.length).toBe(64);
    expect(verify("sha256", Buffer.from("message"), { key: publicKey, dsaEncoding: "ieee-p1363" }, signature)).toBe(true);
  });
  test("names: listed, never overwritten, never outside the folder", () => {
    using folder = temporaryFolder();
    const env = { ICX_HOME: folder.path };
    const create = (name: string): unknown => importIdentity(env, name, newKeyPem(), "new.pem", undefined);
    create("alice");
    expect(listIdentities(env)).toEqual(["anonymous", "alice"]);
    const code = (work: () => unknown): unknown => { try { return work(); } catch (error) { return (error as { readonly code?: string }).code; } };
    expect(code(() => create("alice"))).toBe("ICX3003");
    expect(code(() => create("../bob"))).toBe("ICX3004");
    expect(code(() => openIdentity(env, "../alice"))).toBe("ICX3004");
    expect(code(() => openIdentity(env, "bob"))).toBe("ICX3002");
    writeFileSync(join(folder.path, "identity", "broken.pem"), "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    expect(code(() => openIdentity(env, "broken"))).toBe("ICX3001");
    expect(openIdentity(env, "anonymous")).toMatchObject({ principal: "2vxsx-fae" });
  });
  test.each([
    ["icp 1.5.0", "narrow lawsuit wasp used brisk rival snack extend ocean exotic empty analyst claim tackle sort street oblige damage oval peace vessel expire benefit cable", "qowwo-7tqr5-k4c2l-eee5q-ck4rf-smlge-7sz4q-np7wr-e3luq-hwlkv-oqe"],
    ["icp 1.5.0, in a file of Windows", "  Grant world target potato useless moment couch nice special aunt erosion power\r\ncarry rather bone disagree sweet resist fine evoke panel crop syrup program\r\n", "2w56v-7h6wy-gglue-2cuhk-fqfjg-bla3n-qkao7-caprq-ohr3i-ssdpo-jae"],
  ])("a seed phrase of %s is the same key here", async (_, phrase, principal) => {
    using folder = temporaryFolder();
    expect(await createFromPhrase({ ICX_HOME: folder.path }, "alice", phrase, "phrase.txt")).toMatchObject({ principal });
  });
  test("a phrase with a wrong word, a wrong order or a word too few is refused", async () => {
    using folder = temporaryFolder();
    const words = newSeedPhrase().split(" ");
    expect(words).toHaveLength(24);
    for (const wrong of [[...words.slice(1), "icx"], words.slice(1), [], [words.join("")]]) await expect(createFromPhrase({ ICX_HOME: folder.path }, "alice", wrong.join(" "), "phrase.txt")).rejects.toMatchObject({ code: "ICX3010" });
    expect(listIdentities({ ICX_HOME: folder.path })).toEqual(["anonymous"]);
  });
});
