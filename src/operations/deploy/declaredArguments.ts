import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ProjectCanister } from "../../context/project.ts";

type Declared = Pick<ProjectCanister, "initArgs" | "upgradeArgs">;
/** With which arguments in the manifest a canister was last deployed: other ones are a reason to upgrade. Without the note, they count as unchanged. */
export interface DeclaredArguments { readonly changed: (id: string, canister: Declared) => boolean; readonly note: (id: string, canister: Declared) => void }

const digest = ({ initArgs, upgradeArgs }: Declared): string =>
  createHash("sha256").update(JSON.stringify([initArgs, upgradeArgs].map((arg) => (arg === undefined ? null : arg.format === "bin" ? ["bin", Buffer.from(arg.bytes).toString("hex")] : [arg.format, arg.text])))).digest("hex");

/** The notes of a project; they can be deleted at any time. */
export function declaredArguments(root: string): DeclaredArguments {
  const file = join(root, ".icx", "cache", "declared-arguments.json");
  const read = (): Readonly<Record<string, unknown>> => {
    try {
      const found: unknown = JSON.parse(readFileSync(file, "utf8"));
      return typeof found === "object" && found !== null ? found as Readonly<Record<string, unknown>> : {};
    } catch { return {}; }
  };
  return {
    changed: (id, canister) => { const known = read()[id]; return typeof known === "string" && known !== digest(canister); },
    note: (id, canister) => {
      const known = read();
      if (known[id] === digest(canister)) return;
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(`${file}.new`, `${JSON.stringify({ ...known, [id]: digest(canister) }, undefined, 2)}\n`);
      renameSync(`${file}.new`, file);
    },
  };
}
