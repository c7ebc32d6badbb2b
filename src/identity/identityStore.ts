import { constants, copyFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { KeyObject } from "node:crypto";
import { Principal } from "@dfinity/principal";
import type { UserIdentity } from "../context/identity.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { nearest } from "../errors/nearest.ts";
import { identityFile, identityFiles, readChoice, unwritable, writeChoice, writePrivately, type Env } from "./identityFolder.ts";
import { newKeyPem, pemOf, publicKeyDerOf, readPem, signWith } from "./privateKey.ts";

const DEFAULT = "default", ANONYMOUS = "anonymous", NAME = /^[A-Za-z0-9][\w.-]*$/;
const file = (env: Env, name: string): string => identityFile(env, `${name}.pem`);

/** The name of the identity that is used when no other is asked for: by the environment, else as chosen, else `default`. */
export const defaultIdentityName = (env: Env): string => env["ICX_IDENTITY"] ?? env["ICP_IDENTITY"] ?? env["DFX_IDENTITY"] ?? readChoice(env) ?? DEFAULT;

/** The identity with this name; `default` is created when it is first needed. @throws IcxError ICX3001, ICX3002, ICX3004, ICX3005 */
export function openIdentity(env: Env, name: string = defaultIdentityName(env)): UserIdentity {
  if (name === ANONYMOUS) return { name, principal: Principal.anonymous().toText(), sign: () => new Uint8Array() };
  checkName(name);
  if (name === DEFAULT) writePrivately(env, `${name}.pem`, newKeyPem()); // if two runs are first at once, the earlier key stays
  return load(env, name);
}

/** Keeps the key of a seed phrase. @throws IcxError ICX3003 when the name is taken, ICX3004, ICX3005, ICX3010 */
export async function createFromPhrase(env: Env, name: string, phrase: string, source: string): Promise<UserIdentity> {
  const { keyFromSeedPhrase } = await import("./seedPhrase.ts"), key = keyFromSeedPhrase(phrase);
  if (key === undefined) throw new IcxError(ERRORS.identity.notAPhrase, { file: source });
  return keep(env, name, pemOf(key));
}

/** Keeps a copy of a key that somebody else has made, as PKCS #8. @throws IcxError ICX3003, ICX3004, ICX3005, ICX3006, ICX3007 */
export function importIdentity(env: Env, name: string, pem: string, source: string, password: string | undefined): UserIdentity {
  const key = readPem(pem, password);
  if (key instanceof KeyObject) return keep(env, name, pemOf(key));
  throw key.kind === "encrypted" ? new IcxError(ERRORS.identity.encrypted, { file: source, reason: key.reason }) : new IcxError(ERRORS.identity.notImportable, { file: source, reason: key.reason });
}

/** An identity's key as PKCS #8 PEM; encrypted when a password is given. @throws IcxError ICX3001, ICX3002, ICX3004, ICX3008 */
export function exportIdentity(env: Env, name: string, password: string | undefined): string {
  if (name === ANONYMOUS) throw new IcxError(ERRORS.identity.anonymous, { action: "exported" });
  openIdentity(env, name);
  return pemOf(readKey(env, name), password);
}

/** Gives an identity another name; the choice follows. @throws IcxError ICX3002, ICX3003, ICX3004, ICX3005, ICX3008 */
export function renameIdentity(env: Env, from: string, to: string): void {
  if (from === ANONYMOUS) throw new IcxError(ERRORS.identity.anonymous, { action: "renamed" });
  checkName(to);
  openIdentity(env, from);
  if (to === ANONYMOUS || existsSync(file(env, to))) throw new IcxError(ERRORS.identity.exists, { name: to });
  const target = join(dirname(file(env, from)), `${to}.pem`);
  try {
    copyFileSync(file(env, from), target, constants.COPYFILE_EXCL); // fails where the name has been taken in the meantime
    rmSync(file(env, from));
  } catch (cause) { throw (cause as NodeJS.ErrnoException).code === "EEXIST" ? new IcxError(ERRORS.identity.exists, { name: to }) : unwritable(target, cause); }
  if ((readChoice(env) ?? DEFAULT) === from) writeChoice(env, to);
}

/** Deletes an identity's key. @throws IcxError ICX3002, ICX3004, ICX3005, ICX3008, ICX3009 for the one in use */
export function deleteIdentity(env: Env, name: string): void {
  checkDeletable(env, name);
  try { rmSync(file(env, name)); } catch (cause) { throw unwritable(file(env, name), cause); }
}

/** @throws IcxError as `deleteIdentity` would */
export function checkDeletable(env: Env, name: string): void {
  if (name === ANONYMOUS) throw new IcxError(ERRORS.identity.anonymous, { action: "deleted" });
  known(env, name);
  if ((readChoice(env) ?? DEFAULT) === name) throw new IcxError(ERRORS.identity.inUse, { name });
}

/** From now on this identity signs when no other is asked for. @throws IcxError ICX3001, ICX3002, ICX3004, ICX3005 */
export function chooseIdentity(env: Env, name: string): void {
  openIdentity(env, name);
  writeChoice(env, name);
}

/** Names of all identities; `anonymous` is always one. */
export function listIdentities(env: Env): readonly string[] {
  const names = identityFiles(env).filter((entry) => entry.endsWith(".pem")).map((entry) => entry.slice(0, -".pem".length)).filter((name) => NAME.test(name));
  return [ANONYMOUS, ...names];
}

function keep(env: Env, name: string, pem: string): UserIdentity {
  checkName(name);
  if (name === ANONYMOUS || !writePrivately(env, `${name}.pem`, pem)) throw new IcxError(ERRORS.identity.exists, { name });
  return load(env, name);
}

function readKey(env: Env, name: string): KeyObject {
  known(env, name);
  const path = file(env, name), unreadable = (reason: string, cause?: unknown): IcxError => new IcxError(ERRORS.identity.unreadable, { name, file: path, reason }, { cause });
  let pem: string;
  try { pem = readFileSync(path, "utf8"); } catch (cause) { throw unreadable((cause as NodeJS.ErrnoException).code ?? String(cause), cause); }
  const key = readPem(pem);
  if (!(key instanceof KeyObject)) throw unreadable(key.reason);
  return key;
}

function load(env: Env, name: string): UserIdentity {
  const key = readKey(env, name), publicKeyDer = publicKeyDerOf(key);
  return { name, publicKeyDer, principal: Principal.selfAuthenticating(publicKeyDer).toText(), sign: (message) => signWith(key, message) };
}

function known(env: Env, name: string): void {
  checkName(name);
  if (!existsSync(file(env, name))) {
    const names = listIdentities(env), close = nearest(name, names);
    throw new IcxError(ERRORS.identity.unknown, { name, suggestion: close === undefined ? `Known identities: ${names.join(", ")}.` : `Did you mean \`${close}\`?` });
  }
}

function checkName(name: string): void {
  if (!NAME.test(name)) throw new IcxError(ERRORS.identity.invalidName, { name });
}
