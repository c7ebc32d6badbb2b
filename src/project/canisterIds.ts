import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Names → ids on one network. They are tied to its root key: a new network at the same address knows none of them. */
export interface CanisterIds { readonly get: (name: string) => string | undefined; readonly set: (name: string, id: string) => void; /** The canister is gone. */ readonly forget: (name: string) => void; readonly all: () => Readonly<Record<string, string>> }

/** The ids kept in a file; none without a file. Without a root key they are read as they are, and cannot be set. */
export function canisterIds(file: string | undefined, rootKey: Uint8Array | undefined): CanisterIds {
  const key = rootKey === undefined ? undefined : Buffer.from(rootKey).toString("hex");
  const read = (): Readonly<Record<string, string>> => {
    if (file === undefined || !existsSync(file)) return {};
    try {
      const found = JSON.parse(readFileSync(file, "utf8")) as { readonly rootKey?: unknown; readonly canisters?: Readonly<Record<string, string>> } | null;
      return (key === undefined || found?.rootKey === key) && found?.canisters !== null && typeof found?.canisters === "object" ? found.canisters : {};
    } catch { return {}; }
  };
  const write = (canisters: Readonly<Record<string, string>>): void => {
    if (file === undefined || key === undefined) return;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.new`, `${JSON.stringify({ rootKey: key, canisters }, undefined, 2)}\n`);
    renameSync(`${file}.new`, file);
  };
  return {
    all: read,
    get: (name) => { const ids = read(); return Object.hasOwn(ids, name) ? ids[name] : undefined; },
    set: (name, id) => { write({ ...read(), [name]: id }); },
    forget: (name) => { write(Object.fromEntries(Object.entries(read()).filter(([known]) => known !== name))); },
  };
}
