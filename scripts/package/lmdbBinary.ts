import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/**
 * Takes the place of `node-gyp-build-optional-packages` inside the bundle: lmdb asks it for its native part, and it answers with the
 * Node-API binary of the `@lmdb/lmdb-<platform>-<arch>` package that npm installed beside icx. (The original looks for lmdb's own
 * package.json and for compilers' output, which a bundle does not have. The Node-API binary works in every Node ≥ 24.)
 */
export default function loadLmdbBinary(): unknown {
  const require = createRequire(import.meta.url);
  const name = `@lmdb/lmdb-${process.platform}-${process.arch}`;
  const libc = existsSync("/etc/alpine-release") ? "musl" : "glibc";
  let folder: string;
  try {
    folder = dirname(require.resolve(`${name}/package.json`));
  } catch (cause) {
    throw new Error(`The package ${name}, which holds the database for this platform, is not installed. Install icx again without --omit=optional.`, { cause });
  }
  const file = readdirSync(folder).find((entry) => entry === `node.napi.${libc}.node` || entry === "node.napi.node");
  if (file === undefined) throw new Error(`${folder} holds no database binary for ${libc}.`);
  return require(join(folder, file));
}
