import { mkdirSync, writeFileSync } from "node:fs";
import { cliReference } from "./cliReference.ts";
import { errorReference } from "./errorReference.ts";

/** The generated documents and where they belong. */
export const documents: readonly { readonly path: string; readonly generate: () => string }[] = [
  { path: "docs/reference/cli.md", generate: cliReference },
  { path: "docs/reference/errors.md", generate: errorReference },
];

if (import.meta.main) {
  mkdirSync("docs/reference", { recursive: true });
  for (const { path, generate } of documents) writeFileSync(path, generate());
}
