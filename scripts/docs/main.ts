import { mkdirSync, writeFileSync } from "node:fs";
import { cliReference } from "./cliReference.ts";
import { endpointReference } from "./endpointReference.ts";
import { errorReference } from "./errorReference.ts";
import { managementReference } from "./managementReference.ts";
import { systemApiReference } from "./systemApiReference.ts";

/** The generated documents and where they belong. */
export const documents: readonly { readonly path: string; readonly generate: () => string }[] = [
  { path: "docs/reference/cli.md", generate: cliReference },
  { path: "docs/reference/errors.md", generate: errorReference },
  { path: "docs/reference/system-api.md", generate: systemApiReference },
  { path: "docs/reference/management.md", generate: managementReference },
  { path: "docs/reference/endpoints.md", generate: endpointReference },
];

if (import.meta.main) {
  mkdirSync("docs/reference", { recursive: true });
  for (const { path, generate } of documents) writeFileSync(path, generate());
}
