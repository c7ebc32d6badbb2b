import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** With which argument a canister was last installed from this project: a changed argument is a reason to upgrade. Without the note, an argument counts as unchanged. */
export interface InstalledArguments { readonly changed: (id: string, arg: Uint8Array) => boolean; readonly note: (id: string, arg: Uint8Array) => void }

const digest = (arg: Uint8Array): string => createHash("sha256").update(arg).digest("hex");

/** The notes of a project; they can be deleted at any time. */
export function installedArguments(root: string): InstalledArguments {
  const file = join(root, ".icx", "cache", "install-arguments.json");
  const read = (): Readonly<Record<string, unknown>> => {
    try {
      const found: unknown = JSON.parse(readFileSync(file, "utf8"));
      return typeof found === "object" && found !== null ? found as Readonly<Record<string, unknown>> : {};
    } catch { return {}; }
  };
  return {
    changed: (id, arg) => { const known = read()[id]; return typeof known === "string" && known !== digest(arg); },
    note: (id, arg) => {
      const known = read();
      if (known[id] === digest(arg)) return;
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(`${file}.new`, `${JSON.stringify({ ...known, [id]: digest(arg) }, undefined, 2)}\n`);
      renameSync(`${file}.new`, file);
    },
  };
}
