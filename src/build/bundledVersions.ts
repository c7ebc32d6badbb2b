import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** What distinguishes the compiler and the packages that come with icx from those of another release, without reading them: `core` comes with the compiler. */
export const bundledVersions = (): { readonly compiler: string; readonly base: string } => ({
  compiler: (require("motoko/package.json") as { readonly version: string }).version, base: (require("motoko-base/package.json") as { readonly version: string }).version,
});
