import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { IdMirror } from "./idMirror.ts";

/** Names → ids on one network. They are tied to its root key: a new network at the same address knows none of them. */
export interface CanisterIds { readonly get: (name: string) => string | undefined; readonly set: (name: string, id: string) => void; /** The canister is gone. */ readonly forget: (name: string) => void; readonly all: () => Readonly<Record<string, string>> }
/** Which of the names on a network, and the file of icp-cli or dfx that says the same. */
export interface Keeping { /** Absent: the network's own names. */ readonly environment?: string | undefined; readonly mirror?: IdMirror | undefined }

type Names = Readonly<Record<string, string>>;
interface Content { readonly canisters: Names; /** Environment → names, of those that are not the network's own. */ readonly environments: Readonly<Record<string, Names>> }
const EMPTY: Content = { canisters: {}, environments: {} };
const isNames = (value: unknown): value is Names => typeof value === "object" && value !== null && !Array.isArray(value) && Object.values(value).every((id) => typeof id === "string");

/** The ids kept in a file; none without a file. Without a root key they are read as they are, and cannot be set. */
export function canisterIds(file: string | undefined, rootKey: Uint8Array | undefined, { environment, mirror }: Keeping = {}): CanisterIds {
  const key = rootKey === undefined ? undefined : Buffer.from(rootKey).toString("hex");
  const content = (): Content => {
    if (file === undefined || !existsSync(file)) return EMPTY;
    try {
      const found = JSON.parse(readFileSync(file, "utf8")) as { readonly rootKey?: unknown; readonly canisters?: unknown; readonly environments?: unknown } | null;
      if (found === null || (key !== undefined && found.rootKey !== key)) return EMPTY;
      const environments = typeof found.environments === "object" && found.environments !== null ? Object.fromEntries(Object.entries(found.environments).filter((entry): entry is [string, Names] => isNames(entry[1]))) : {};
      return { canisters: isNames(found.canisters) ? found.canisters : {}, environments };
    } catch { return EMPTY; }
  };
  const read = (): Names => { const { canisters, environments } = content(); return environment === undefined ? canisters : Object.hasOwn(environments, environment) ? environments[environment]! : {}; };
  const write = (names: Names, gone?: string): void => {
    if (file === undefined || key === undefined) return;
    const { canisters, environments } = content(), next: Content = environment === undefined ? { canisters: names, environments } : { canisters, environments: { ...environments, [environment]: names } };
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.new`, `${JSON.stringify({ rootKey: key, canisters: next.canisters, ...(Object.keys(next.environments).length > 0 && { environments: next.environments }) }, undefined, 2)}\n`);
    renameSync(`${file}.new`, file);
    mirror?.write(names, gone);
  };
  return {
    all: read,
    get: (name) => { const ids = read(); return Object.hasOwn(ids, name) ? ids[name] : undefined; },
    set: (name, id) => { write({ ...read(), [name]: id }); },
    forget: (name) => { write(Object.fromEntries(Object.entries(read()).filter(([known]) => known !== name)), name); },
  };
}
