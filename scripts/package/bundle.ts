import { cpSync, existsSync, globSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { build, type Metafile, type Plugin } from "esbuild";
import { root } from "./checkout.ts";
import { writeLicences } from "./licences.ts";

/** A source file named in a string that is not an import: it is started by path. */
const SOURCE_PATH = /(?<!\b(?:from|import)\s*\(?\s*)"(\.{1,2}\/[\w./-]+)\.ts"/g;
/** How sources load what has no ECMAScript form; the bundler follows a plain `require`. */
const REQUIRE = /const require = createRequire\(import\.meta\.url\);|createRequire\(import\.meta\.url\)(?=\()/g;
/** Optional packages that ink, debug, cbor-x and msgpackr ask for and do without. */
const ABSENT = ["react-devtools-core", "supports-color", "encoding", "cbor-extract", "msgpackr-extract"];
/** The bundle is flat, so that every file finds package.json and `templates/` at the same place as seen from itself. */
const HEADER = 'import { createRequire as icxCreateRequire } from "node:module"; const require = icxCreateRequire(import.meta.url);';

/** The agent's own check of BLS signatures, which icx replaces with a faster one: its curve takes 100 ms to set up, so it is set up when it is used. */
const AGENT_CURVE = /[\\/]agent[\\/]lib[\\/]esm[\\/]utils[\\/]bls\.js$/;
const LAZY_CURVE = 'export const bls12_381 = { verifyShortSignature: (...given) => require("@noble/curves/bls12-381").bls12_381.verifyShortSignature(...given) };';

const sourceFiles = (): string[] => globSync("src/**/*.ts", { cwd: root }).filter((file) => !/^src[\\/]templates[\\/][^\\/]+[\\/]/.test(file)).sort();

/** Files that are started by path (workers) and therefore must be files of their own in the bundle. */
export function startedByPath(): readonly string[] {
  const found = sourceFiles().flatMap((file) => [...readFileSync(join(root, file), "utf8").matchAll(SOURCE_PATH)]
    .map((match) => relative(root, resolve(root, dirname(file), `${match[1]!}.ts`)))).filter((file) => existsSync(join(root, file)));
  return [...new Set(found)].sort();
}

/** Points source paths to the flat bundle, and gives stand-ins for what the bundle must not carry. */
const house: Plugin = {
  name: "house",
  setup(bundler) {
    bundler.onResolve({ filter: new RegExp(`^(${ABSENT.join("|")})$`) }, ({ path }) => ({ path, namespace: "absent" }));
    bundler.onLoad({ filter: /.*/, namespace: "absent" }, () => ({ contents: 'throw Object.assign(new Error("left out"), { code: "MODULE_NOT_FOUND" });' }));
    bundler.onResolve({ filter: /^cross-fetch$/ }, ({ path }) => ({ path, namespace: "fetch" })); // the compiler's downloader, which icx never calls
    bundler.onLoad({ filter: /.*/, namespace: "fetch" }, () => ({ contents: "module.exports = globalThis.fetch;" }));
    bundler.onResolve({ filter: /^@noble\/curves\/bls12-381$/ }, ({ path, importer, resolveDir }) => (AGENT_CURVE.test(importer) ? { path, namespace: "curve", pluginData: resolveDir } : undefined));
    bundler.onLoad({ filter: /.*/, namespace: "curve" }, ({ pluginData }) => ({ contents: LAZY_CURVE, resolveDir: pluginData as string }));
    bundler.onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, ({ path }) => {
      if (!path.startsWith(join(root, "src"))) return undefined;
      const text = readFileSync(path, "utf8").replace(SOURCE_PATH, (_, target: string) => `"./${basename(target)}.js"`)
        .replace(REQUIRE, (found) => (found.startsWith("const") ? "" : "require"));
      return { contents: text, loader: "ts" };
    });
  },
};

/**
 * Bundles the command line, the embedding API and the workers into `out` (emptied first): ESM for Node ≥ 24 without a
 * dependency; templates and the licences of what was bundled beside it. Gives esbuild's account of what went where.
 */
export async function bundle(out: string): Promise<Metafile> {
  rmSync(out, { recursive: true, force: true });
  const entries = ["src/cli.ts", "src/index.ts", ...startedByPath()].filter((file) => existsSync(join(root, file)));
  const names = entries.map((file) => basename(file, ".ts"));
  if (new Set(names).size !== names.length) throw new Error(`entry points share a name: ${entries.join(", ")}`);
  const { metafile } = await build({
    absWorkingDir: root, outdir: out, metafile: true, logLevel: "warning",
    entryPoints: entries.map((file, index) => ({ in: file, out: names[index]! })), chunkNames: "[name]-[hash]",
    bundle: true, splitting: true, format: "esm", platform: "node", target: "node24", minifyWhitespace: true, minifySyntax: true, legalComments: "none",
    banner: { js: HEADER },
    define: {
      "process.env.NODE_ENV": '"production"', "process.env.DEV": '"false"',
      "process.env.CBOR_NATIVE_ACCELERATION_DISABLED": '"true"', "process.env.MSGPACKR_NATIVE_ACCELERATION_DISABLED": '"true"',
    },
    plugins: [house],
  });
  for (const template of readdirSync(join(root, "src/templates"), { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
    cpSync(join(root, "src/templates", template.name), join(out, "templates", template.name), { recursive: true });
  }
  writeLicences(metafile, out);
  return metafile;
}
