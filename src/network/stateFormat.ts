import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** The newest format of a state that this icx reads. */
export const STATE_FORMAT = 1;

/** What the subnets of a state say of their files; none where no network has run. */
export function readStateFormats(state: string): readonly { readonly format: number | undefined; readonly icx: string | undefined }[] {
  const folder = join(state, "subnets");
  let names: readonly string[];
  try { names = readdirSync(folder).sort(); } catch { return []; }
  return names.map((name) => {
    try {
      const found = JSON.parse(readFileSync(join(folder, name, "format.json"), "utf8")) as { readonly format?: unknown; readonly icx?: unknown } | null;
      return { format: typeof found?.format === "number" ? found.format : undefined, icx: typeof found?.icx === "string" ? found.icx : undefined };
    } catch { return { format: undefined, icx: undefined }; }
  });
}
