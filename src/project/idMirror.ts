import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Project } from "../context/project.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";

type Names = Readonly<Record<string, string>>;

/** The file in which icp-cli or dfx keep the ids of a project's canisters, so that they and icx find the same ones. */
export interface IdMirror {
  readonly file: string;
  /** It is meant to be committed: what is not known here may hold elsewhere, and stays. */
  readonly persistent: boolean;
  readonly read: () => Names;
  /** Written whole or not at all; nothing is written when nothing changes. The canister `gone` leaves a persistent file as well. @throws IcxError ICX1011 */
  readonly write: (ids: Names, gone?: string) => void;
}
/** Where the ids hold. */
export interface MirroredPlace { readonly environment: string; readonly network: string; readonly rootKey: Uint8Array }

/** The mapping file of a project for one environment (icp-cli) or network (dfx). */
export function idMirror(project: Pick<Project, "root" | "format" | "networks">, place: MirroredPlace): IdMirror {
  const known = project.networks.find(({ name }) => name === place.network), persistent = known?.persistent ?? (known === undefined ? place.network !== "local" : !known.managed);
  const file = (text: string): string => encodeURIComponent(text).replaceAll("*", "%2A");
  if (project.format === "icp.yaml") return icpMirror(join(project.root, ".icp", persistent ? "data" : "cache", "mappings", `${file(place.environment)}.ids.json`), persistent);
  return dfxMirror(persistent ? join(project.root, "canister_ids.json") : join(project.root, ".dfx", file(place.network), "canister_ids.json"), persistent, place);
}

const parsed = (file: string): Readonly<Record<string, unknown>> => {
  try {
    const found: unknown = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
    return typeof found === "object" && found !== null && !Array.isArray(found) ? found as Readonly<Record<string, unknown>> : {};
  } catch { return {}; } // what cannot be read is no mirror
};

function put(file: string, content: unknown): void {
  const text = `${JSON.stringify(content, undefined, 2)}\n`;
  try {
    if (existsSync(file) && readFileSync(file, "utf8").trim() === text.trim()) return;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  } catch (cause) {
    throw new IcxError(ERRORS.project.unwritable, { path: file, reason: (cause as NodeJS.ErrnoException).code ?? String(cause) }, { cause });
  }
}

const sorted = <T>(names: Readonly<Record<string, T>>): Readonly<Record<string, T>> => Object.fromEntries(Object.entries(names).sort(([a], [b]) => (a < b ? -1 : 1)));
const without = (names: Names, gone: string | undefined): Names => Object.fromEntries(Object.entries(names).filter(([name]) => name !== gone));
const texts = (names: Readonly<Record<string, unknown>>): Names => Object.fromEntries(Object.entries(names).filter((entry): entry is [string, string] => typeof entry[1] === "string"));

/** Name → id, one file an environment (icp-cli, crates/icp/src/store_id.rs). */
function icpMirror(file: string, persistent: boolean): IdMirror {
  const read = (): Names => texts(parsed(file));
  return { file, persistent, read, write: (ids, gone) => { if (existsSync(file) || Object.keys(ids).length > 0) put(file, sorted({ ...(persistent ? without(read(), gone) : {}), ...ids })); } };
}

/** Name → network → id, one file for persistent networks, one for each other; beside that one lies a note of which network it was (dfx, dfx-core/src/config/model). */
function dfxMirror(file: string, persistent: boolean, { network, rootKey }: MirroredPlace): IdMirror {
  const entries = (): Readonly<Record<string, Names>> => Object.fromEntries(Object.entries(parsed(file)).flatMap(([name, item]) => (typeof item === "object" && item !== null ? [[name, texts(item as Readonly<Record<string, unknown>>)]] : [])));
  return {
    file, persistent,
    read: () => Object.fromEntries(Object.entries(entries()).flatMap(([name, item]) => (Object.hasOwn(item, network) ? [[name, item[network]!]] : []))),
    write: (ids, gone) => {
      const others = Object.fromEntries(Object.entries(entries()).flatMap(([name, item]) => {
        const rest = persistent && name !== gone ? item : without(item, network);
        return Object.keys(rest).length > 0 ? [[name, rest]] : [];
      }));
      if (!existsSync(file) && Object.keys(ids).length === 0) return;
      put(file, sorted({ ...others, ...Object.fromEntries(Object.entries(ids).map(([name, id]) => [name, { ...others[name], [network]: id }])) }));
      if (!persistent) noteNetwork(join(dirname(file), "network-id"), rootKey);
    },
  };
}

/** Which network the ids belong to, in dfx's words: it begins anew when its own network is another one. */
function noteNetwork(file: string, rootKey: Uint8Array): void {
  const digest = createHash("sha256").update(rootKey).digest("hex");
  if (parsed(file)["settings_digest"] === digest) return;
  const now = new Date().toISOString();
  put(file, { created: `${now.slice(0, 10)} ${now.slice(11, 23)} +00:00:00`, settings_digest: digest });
}
