/** The parts of a package.json that publishing looks at or changes; the rest passes through. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly bin?: Readonly<Record<string, string>>;
  readonly exports?: unknown;
  readonly files?: readonly string[];
  readonly engines?: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** What Motoko's wasm64 modules with 64-bit tables need of V8 (design D1). */
export const NODE_MIN = ">=24";
/** Fields that mean something in a checkout only. */
const CHECKOUT_ONLY = ["scripts", "dependencies", "devDependencies", "optionalDependencies", "overrides", "allowScripts", "private", "workspaces"];

/**
 * The package.json that is published. npm links the bin of every dependency into a user's project and runs its install scripts, so the
 * published package depends on nothing: all code is in `dist/` (design D1).
 */
export function publishedManifest(manifest: Manifest): Manifest {
  const kept = Object.fromEntries(Object.entries(manifest).filter(([field]) => !CHECKOUT_ONLY.includes(field)));
  return {
    ...kept,
    name: manifest.name,
    version: manifest.version,
    exports: { ".": { types: "./dist/index.d.ts", default: "./dist/index.js" }, "./package.json": "./package.json" },
    files: ["bin", "dist", "README.md", "CHANGELOG.md"],
    engines: { node: NODE_MIN },
  };
}
