import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import type { BuildRequest } from "./builder.ts";
import { canisterOfVariable } from "./buildOrder.ts";
import { MANAGEMENT_INTERFACE } from "./managementInterface.ts";
import type { MotokoProgram } from "./motokoProgram.ts";

/** What `import X "canister:alias"` stands for: an id, the interface, and with `--actor-env-alias` the variable that holds the id when the canister runs. */
export interface ActorImport { readonly alias: string; readonly id: string; readonly did: string; readonly variable?: string; /** A flag of the manifest says so, with a file that exists. */ readonly byFlag: boolean }

const MANAGEMENT = "aaaaa-aa";

/** The canisters that a program imports, the management canister included (its alias is its id). Names that nobody knows are left to the compiler. @throws IcxError ICX4017 for an interface that nobody knows */
export function actorImports({ project, canister, scope: { ids, interfaces } }: BuildRequest, { canisters, usesManagement, flags }: MotokoProgram): readonly ActorImport[] {
  const own = flags.idlFolder === undefined ? undefined : join(flags.idlFolder, `${MANAGEMENT}.did`), given = own !== undefined && existsSync(own);
  const management: ActorImport = { alias: MANAGEMENT, id: MANAGEMENT, did: given ? readFileSync(own, "utf8") : MANAGEMENT_INTERFACE, byFlag: given };
  return [...(usesManagement ? [management] : []), ...canisters.flatMap((alias): ActorImport[] => {
    const flag = flags.aliases.find((found) => found.alias === alias), name = canisterOfVariable(flag?.variable) ?? alias;
    const id = flag?.id ?? ids[name], variable = flag?.variable === undefined ? {} : { variable: flag.variable };
    const file = flag?.did ?? (flag?.id !== undefined && flags.idlFolder !== undefined ? join(flags.idlFolder, `${flag.id}.did`) : undefined);
    if (file !== undefined && existsSync(file)) return [{ alias, id: id ?? MANAGEMENT, did: readFileSync(file, "utf8"), byFlag: true, ...variable }];
    if (id === undefined) return [];
    const known = interfaces[name];
    if (known === undefined) throw new IcxError(ERRORS.build.unknownInterface, { name: canister.name, imported: name, manifest: project.manifest });
    return [{ alias, id, did: known.text, byFlag: false, ...variable }];
  })];
}

/** The flags for a native compiler: the interfaces are written into a folder, and the manifest's own flags point there where their file is missing. */
export function nativeActorFlags(imports: readonly ActorImport[], flags: readonly string[], outputFolder: string): readonly string[] {
  const ours = imports.filter(({ byFlag }) => !byFlag), folder = join(outputFolder, "idl");
  if (ours.length === 0) return flags;
  mkdirSync(folder, { recursive: true });
  for (const { id, did } of ours) writeFileSync(join(folder, `${id}.did`), did);
  const fileOf = (alias: string | undefined): string | undefined => { const found = ours.find((one) => one.alias === alias); return found === undefined ? undefined : join(folder, `${found.id}.did`); };
  const pointed = flags.map((word, at) => (flags[at - 3] === "--actor-env-alias" ? fileOf(flags[at - 2]) ?? word : word));
  const added = ours.filter(({ variable }) => variable === undefined), named = (alias: string): boolean => flags.some((word, at) => word === alias && flags[at - 1] === "--actor-alias");
  if (added.length === 0) return pointed;
  const aliases = added.filter(({ alias }) => alias !== MANAGEMENT && !named(alias));
  return flags.includes("--actor-idl") // moc takes one such folder: with two the interfaces are named one by one
    ? [...pointed, ...aliases.flatMap(({ alias, id }) => ["--actor-id-alias", alias, id, fileOf(alias)!])]
    : [...pointed, "--actor-idl", folder, ...aliases.flatMap(({ alias, id }) => ["--actor-alias", alias, id])];
}
