import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Principal } from "@dfinity/principal";
import type { UserIdentity } from "../context/identity.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { configFolder } from "./configFolder.ts";

type Env = Readonly<Record<string, string | undefined>>;
const DEFAULT = "default", ANONYMOUS = "anonymous";
const PRIVATE = 0o600, PRIVATE_FOLDER = 0o700;
/** The curves whose signatures the Internet Computer accepts besides Ed25519 (interface spec, "Signatures"), as OpenSSL names them. */
const EC_CURVES = ["secp256k1", "prime256v1"];

const folder = (env: Env): string => join(configFolder(env), "identity");
const file = (env: Env, name: string): string => join(folder(env), `${name}.pem`);

/** The identity with this name; the default one is created when it is first needed. @throws IcxError ICX3001, ICX3002, ICX3004 */
export function openIdentity(env: Env, name: string = env["ICX_IDENTITY"] ?? env["ICP_IDENTITY"] ?? DEFAULT): UserIdentity {
  if (name === ANONYMOUS) return { name, principal: Principal.anonymous().toText(), sign: () => new Uint8Array() };
  checkName(name);
  const path = file(env, name);
  if (!existsSync(path)) {
    if (name !== DEFAULT) throw new IcxError(ERRORS.identity.unknown, { name, known: listIdentities(env).join(", ") });
    writeKey(path);
  }
  return load(name, path);
}

/** Creates a key. @throws IcxError ICX3003 when the name is taken */
export function createIdentity(env: Env, name: string): UserIdentity {
  checkName(name);
  const path = file(env, name);
  if (name === ANONYMOUS || existsSync(path)) throw new IcxError(ERRORS.identity.exists, { name });
  writeKey(path);
  return load(name, path);
}

/** Names of all identities; `anonymous` is always one. */
export function listIdentities(env: Env): readonly string[] {
  const names = existsSync(folder(env)) ? readdirSync(folder(env)).filter((entry) => entry.endsWith(".pem")).map((entry) => entry.slice(0, -".pem".length)) : [];
  return [ANONYMOUS, ...names.sort()];
}

/** A new Ed25519 key as PKCS #8 PEM that only its owner can read. If two runs are first at once, the earlier key stays. */
function writeKey(path: string): void {
  const pem = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" });
  mkdirSync(join(path, ".."), { recursive: true, mode: PRIVATE_FOLDER });
  try {
    writeFileSync(path, pem, { mode: PRIVATE, flag: "wx" });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== "EEXIST") throw new IcxError(ERRORS.project.unwritable, { path, reason: code ?? String(cause) }, { cause });
  }
}

function load(name: string, path: string): UserIdentity {
  let key: KeyObject;
  try { key = createPrivateKey(readFileSync(path)); } catch (cause) {
    throw new IcxError(ERRORS.identity.unreadable, { name, file: path, reason: cause instanceof Error ? cause.message : String(cause) }, { cause });
  }
  const curve = key.asymmetricKeyDetails?.namedCurve ?? "";
  if (key.asymmetricKeyType !== "ed25519" && !EC_CURVES.includes(curve)) throw new IcxError(ERRORS.identity.unreadable, { name, file: path, reason: `keys of the kind ${key.asymmetricKeyType ?? "unknown"} ${curve} are not accepted by the Internet Computer` });
  const publicKeyDer = Uint8Array.from(createPublicKey(key).export({ type: "spki", format: "der" }));
  return {
    name, publicKeyDer, principal: Principal.selfAuthenticating(publicKeyDer).toText(),
    sign: (message) => Uint8Array.from(key.asymmetricKeyType === "ed25519" ? sign(null, message, key) : sign("sha256", message, { key, dsaEncoding: "ieee-p1363" })),
  };
}

function checkName(name: string): void {
  if (!/^[A-Za-z0-9][\w.-]*$/.test(name)) throw new IcxError(ERRORS.identity.invalidName, { name });
}
