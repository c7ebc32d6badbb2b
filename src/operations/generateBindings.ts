import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { declaredInterface } from "../build/buildOrder.ts";
import { makeBindings, type BindingsSource } from "../client/makeBindings.ts";
import type { CommandContext, Shown } from "../context/context.ts";
import type { Declarations, Project, ProjectCanister } from "../context/project.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { loadProject } from "../project/loadProject.ts";
import { selectCanisters } from "../project/selectCanisters.ts";
import { buildCanisters } from "./buildProject.ts";
import { connect, type ConnectOptions, type Connection } from "./connect.ts";
import { locate } from "./locate.ts";

export interface GenerateInput extends ConnectOptions { readonly names: readonly string[]; readonly out: string | undefined }
interface Place { readonly folder: string; readonly layout: "tree" | "flat"; readonly kinds: Declarations["bindings"] }
interface Written { readonly path: string; readonly canister: string; readonly changed: boolean }

const DEFAULT_FOLDER = "src/bindings";
const ALL = ["js", "ts"] as const;

/** `icx generate`: the official bindings of the project's canisters. Files are written when they change; others are left alone. @throws IcxError 1xxx, 4xxx, 5xxx */
export async function generateBindings(context: CommandContext, input: GenerateInput): Promise<Shown> {
  const { io, ui } = context, project = loadProject(context, input), written: Written[] = [];
  const selected = selectCanisters(project, input.names).filter(({ name }) => input.names.length === 0 || input.names.includes(name));
  const known = lazily(() => locate(context, input)), network = lazily(() => connect(context, input)); // a network that does not know the canister need not be opened
  for (const canister of selected) {
    const source = await interfaceOf(context, project, canister, async () => ((await known()).ids.get(canister.name) === undefined ? undefined : await network()));
    if (source === undefined && input.names.length > 0) throw new IcxError(ERRORS.arguments.noInterface, { name: canister.name, manifest: project.manifest });
    if (source === undefined) { ui.report({ kind: "warning", text: `${canister.name} has no candid interface: no bindings are written for it.` }); continue; }
    const place = placeOf(project, canister, input.out === undefined ? undefined : resolve(io.cwd, input.out));
    if (place.kinds.includes("mo")) ui.report({ kind: "warning", text: `${canister.name} asks for Motoko bindings, which are not made: a Motoko canister imports \`canister:${canister.name}\`.` });
    written.push(...await writeBindings(source, place));
  }
  const shown = written.map((file) => ({ ...file, path: relative(io.cwd, file.path).replaceAll("\\", "/") || file.path }));
  return {
    text: shown.map(({ path, changed }) => (changed ? path : `${path} (unchanged)`)).join("\n"),
    data: { files: written.map(({ path, canister, changed }) => ({ path, canister, changed })) },
  };
}

/** Where a canister's bindings go: `--out`, dfx.json's `declarations`, or the usual folder. */
function placeOf(project: Project, { name, declarations }: ProjectCanister, out: string | undefined): Place {
  if (out !== undefined) return { folder: out, layout: "tree", kinds: ALL };
  if (project.format === "icp.yaml") return { folder: join(project.root, DEFAULT_FOLDER), layout: "tree", kinds: ALL };
  return { folder: resolve(project.root, declarations?.output ?? join("src", "declarations", name)), layout: "flat", kinds: declarations?.bindings ?? ["js", "ts", "did"] };
}

/** The interface that the manifest names, that the build gives, or that the canister publishes on the network. */
async function interfaceOf(context: CommandContext, project: Project, canister: ProjectCanister, network: () => Promise<Connection | undefined>): Promise<BindingsSource | undefined> {
  const { name } = canister, declared = declaredInterface(canister);
  if (declared !== undefined && existsSync(declared)) return { name, source: readFileSync(declared, "utf8"), path: declared };
  const built = canister.recipe.kind === "unsupported" ? undefined : (await buildCanisters(context, project, [canister]))[0];
  if (built?.candid !== undefined) return { name, source: built.candid };
  const connection = await network(), id = connection?.ids.get(name);
  const [published] = connection === undefined || id === undefined ? [undefined] : await connection.client.readCanister(id, [["metadata", "candid:service"]]);
  return published === undefined ? undefined : { name, source: Buffer.from(published).toString("utf8") };
}

async function writeBindings(source: BindingsSource, { folder, layout, kinds }: Place): Promise<Written[]> {
  const made = new Map(await makeBindings(source, { layout })), { name } = source, files = new Map<string, string>();
  for (const [path, content] of made) {
    const wanted = path.endsWith(".did.js") ? kinds.includes("js") : kinds.includes("ts") && (path.endsWith(".did.d.ts") || kinds.includes("js")); // the actor imports both
    if (wanted) files.set(join(folder, ...path.split("/")), content);
  }
  if (kinds.includes("did")) files.set(join(folder, `${name}.did`), source.source);
  return [...files].map(([path, content]) => ({ path, canister: name, changed: keep(path, content) }));
}

const sameText = (a: string, b: string): boolean => a.replaceAll("\r\n", "\n") === b.replaceAll("\r\n", "\n");

/** Writes a file unless it says the same already: git may have checked it out with other line ends. @throws IcxError ICX1011 */
function keep(path: string, content: string): boolean {
  try {
    if (existsSync(path) && sameText(readFileSync(path, "utf8"), content)) return false;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return true;
  } catch (cause) { throw new IcxError(ERRORS.project.unwritable, { path, reason: (cause as NodeJS.ErrnoException).code ?? String(cause) }, { cause }); }
}

function lazily<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
