import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { CommandContext, Shown } from "../context/context.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { checkDeletable, chooseIdentity, createFromPhrase, defaultIdentityName, deleteIdentity, exportIdentity, importIdentity, listIdentities, openIdentity, renameIdentity } from "../identity/identityStore.ts";
import { table } from "../ui/table.ts";

/** `icx identity whoami` and `principal`. @throws IcxError ICX3001, ICX3002 */
export async function showIdentity({ io }: CommandContext, { identity, what }: { readonly identity: string | undefined; readonly what: "name" | "principal" }): Promise<Shown> {
  const { name, principal } = openIdentity(io.env, identity);
  return { text: what === "name" ? name : principal, data: { name, principal } };
}

/** `icx identity new`: a key made from a seed phrase, which is told once: on stdout, or in a file that only its owner can read. @throws IcxError ICX1011, ICX3003, ICX3004, ICX3005 */
export async function newIdentity({ io, options }: CommandContext, { name, seedFile }: { readonly name: string; readonly seedFile: string | undefined }): Promise<Shown> {
  const { newSeedPhrase } = await import("../identity/seedPhrase.ts"), phrase = newSeedPhrase();
  if (seedFile !== undefined) checkFree(resolve(io.cwd, seedFile));
  const { principal } = await createFromPhrase(io.env, name, phrase, name);
  if (seedFile !== undefined) write(resolve(io.cwd, seedFile), `${phrase}\n`);
  const words = seedFile === undefined ? `\n\nIts seed phrase, shown this once; who has it can sign as ${name}:\n  ${phrase}` : `\n\nIts seed phrase is in ${seedFile}; who has it can sign as ${name}.`;
  return { text: options.quiet && seedFile === undefined ? phrase : `Created the identity ${name}: ${principal}${words}`, data: { name, principal, ...(seedFile === undefined ? { seed_phrase: phrase } : { seed_file: seedFile }) } };
}

/** `icx identity list`: the default one is marked; with `--quiet` names alone. A key that cannot be read is named all the same. */
export async function identityList({ io, ui, options }: CommandContext): Promise<Shown> {
  const chosen = defaultIdentityName(io.env), identities = listIdentities(io.env).map((name) => {
    try { return { name, principal: openIdentity(io.env, name).principal }; } catch (error) {
      if (!(error instanceof IcxError)) throw error;
      ui.report({ kind: "warning", text: error.message });
      return { name, principal: null };
    }
  });
  const rows = identities.map(({ name, principal }) => [`${name === chosen ? "*" : " "} ${name}`, principal ?? "-"]);
  return { text: options.quiet ? identities.map(({ name }) => name).join("\n") : table(rows), data: { default_identity: chosen, identities } };
}

/** `icx identity use NAME`, or `default` without a name: which one is used. @throws IcxError ICX3001, ICX3002, ICX3005 */
export async function useIdentity({ io }: CommandContext, { name }: { readonly name: string | undefined }): Promise<Shown> {
  if (name === undefined) { const used = defaultIdentityName(io.env); return { text: used, data: { default_identity: used } }; }
  chooseIdentity(io.env, name);
  return { text: `${name} signs from now on.`, data: { default_identity: name } };
}

/** `icx identity rename`. @throws IcxError 3xxx */
export async function renameUser({ io }: CommandContext, { from, to }: { readonly from: string; readonly to: string }): Promise<Shown> {
  renameIdentity(io.env, from, to);
  return { text: `${from} is called ${to} from now on.`, data: { from, to } };
}

/** `icx identity delete`. Asks: without a copy of the key, what it controls is lost. @throws IcxError 3xxx, ICX5009 */
export async function deleteUser({ io, ui }: CommandContext, { name }: { readonly name: string }): Promise<Shown> {
  checkDeletable(io.env, name);
  await ui.confirm(`Deleting the identity ${name} erases its key; without a copy, what it controls is lost for good. Continue?`);
  deleteIdentity(io.env, name);
  return { text: `Deleted the identity ${name}.`, data: { name, deleted: true } };
}

/** `icx identity import`. @throws IcxError ICX1010, ICX3003 to ICX3007, ICX3010, ICX5001 */
export async function importUser({ io }: CommandContext, { name, file, seedFile, passwordFile }: { readonly name: string; readonly file: string | undefined; readonly seedFile: string | undefined; readonly passwordFile: string | undefined }): Promise<Shown> {
  if ((file === undefined) === (seedFile === undefined)) throw new IcxError(ERRORS.arguments.usage, { problem: "Name one file: with a PEM, or with a seed phrase.", command: "icx identity import" });
  const { principal } = file === undefined ? await createFromPhrase(io.env, name, read(io.cwd, seedFile!), seedFile!) : importIdentity(io.env, name, read(io.cwd, file), file, passwordFile === undefined ? undefined : read(io.cwd, passwordFile).replace(/\r?\n$/, ""));
  return { text: `Imported the identity ${name}: ${principal}`, data: { name, principal } };
}

/** `icx identity export`: the PEM on stdout. @throws IcxError ICX1010, 3xxx */
export async function exportUser({ io }: CommandContext, { name, passwordFile }: { readonly name: string; readonly passwordFile: string | undefined }): Promise<Shown> {
  const pem = exportIdentity(io.env, name, passwordFile === undefined ? undefined : read(io.cwd, passwordFile).replace(/\r?\n$/, ""));
  return { text: pem, data: { name, pem } };
}

function read(cwd: string, file: string): string {
  try { return readFileSync(resolve(cwd, file), "utf8"); } catch (cause) {
    throw new IcxError(ERRORS.project.unreadableFile, { file, reason: (cause as NodeJS.ErrnoException).code ?? String(cause) }, { cause });
  }
}

const unwritable = (path: string, reason: string, cause?: unknown): IcxError => new IcxError(ERRORS.project.unwritable, { path, reason }, { cause });
/** Said before a key is made. */
function checkFree(path: string): void { if (existsSync(path)) throw unwritable(path, "it exists already"); }
function write(path: string, content: string): void {
  try { writeFileSync(path, content, { mode: 0o600, flag: "wx" }); } catch (cause) { throw unwritable(path, (cause as NodeJS.ErrnoException).code ?? String(cause), cause); }
}
