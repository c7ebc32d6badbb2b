import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { parseDid, type DidImports } from "./didParser.ts";

/** An interface to make bindings of; `path` is where it stands when it is a file, for its imports. */
export interface BindingsSource { readonly name: string; readonly source: string; readonly path?: string }
/** `tree`: `<name>.ts` and `declarations/<name>.did.*`. `flat`: all in one folder, as dfx has it. */
export interface BindingsOptions { readonly layout: "tree" | "flat" }
/** Path below the output folder, with `/` → content. */
export type Bindings = ReadonlyMap<string, string>;

/**
 * The bindings that `@icp-sdk/bindgen` makes: an actor in TypeScript, and the declarations in JavaScript with their types. The source has been through our own
 * parser before: the official one needs minutes for text that is nested deeply, and says less of places. @throws IcxError ICX5006, ICX5015
 */
export async function makeBindings({ name, source, path }: BindingsSource, { layout }: BindingsOptions): Promise<Bindings> {
  const folder = mkdtempSync(join(tmpdir(), "icx-bindings-")), output = join(folder, "output");
  try {
    const didFile = stage(join(folder, "source"), name, source, path), { generate } = await import("@icp-sdk/bindgen/core");
    await generate({ didFile, outDir: output, output: { force: true, declarations: { flat: layout === "flat" } } });
    const files = readdirSync(output, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)).sort();
    return new Map(files.map((file) => [relative(output, file).replaceAll("\\", "/"), readFileSync(file, "utf8")]));
  } catch (cause) {
    if (cause instanceof IcxError) throw cause;
    throw new IcxError(ERRORS.arguments.noBindings, { name, problem: (cause instanceof Error ? cause.message : String(cause)).slice(0, 500) }, { cause });
  } finally { rmSync(folder, { recursive: true, force: true }); }
}

/** Puts the source, named after the canister, and what it imports below a folder, as they stand to each other. */
function stage(folder: string, name: string, source: string, path: string | undefined): string {
  const imported = new Map<string, string>();
  const imports: DidImports = (wanted, from) => {
    const file = resolve(dirname(from), wanted);
    try { const text = readFileSync(file, "utf8"); imported.set(file, text); return { name: file, source: text }; } catch { return undefined; }
  };
  if (path === undefined) parseDid(source); else parseDid(source, imports, resolve(path));
  const own = path === undefined ? join(folder, `${name}.did`) : join(dirname(resolve(path)), `${name}.did`);
  const common = path === undefined ? folder : [...imported.keys()].reduce((root, file) => { let at = root; while (relative(at, file).startsWith("..")) at = dirname(at); return at; }, dirname(resolve(path)));
  const put = (file: string, text: string): string => { const to = join(folder, relative(common, file)); mkdirSync(dirname(to), { recursive: true }); writeFileSync(to, text.replace(/^\uFEFF/, "")); return to; };
  for (const [file, text] of imported) put(file, text);
  return put(own, source);
}
