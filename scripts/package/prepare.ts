/**
 * After `npm install` in a checkout: a bundle of the sources as they are, which starts in half their time. `bin/icx.js` takes it as long as no
 * source is newer or of another size than `dist/sources.json` says. Never fails an install: without a bundle icx runs from its sources.
 */
import { readdirSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { root } from "./checkout.ts";

const packing = process.env["npm_command"] === "pack" || process.env["npm_command"] === "publish"; // prepack has built what is published
if (!packing) {
  try {
    const { bundle } = await import("./bundle.ts"), out = join(root, "dist");
    const before = Date.now(), { inputs } = await bundle(out);
    const templates = readdirSync(join(root, "src/templates"), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => relative(root, join(entry.parentPath, entry.name)));
    const sources = [...new Set(["package.json", "package-lock.json", ...Object.keys(inputs).filter((file) => file.startsWith("src/")), ...templates])].sort();
    const stamps = sources.map((file) => { const { mtimeMs, size } = statSync(join(root, file)); return [file, mtimeMs, size] as const; });
    if (stamps.every(([, changed]) => changed < before)) writeFileSync(join(out, "sources.json"), JSON.stringify({ stamps }));
  } catch (cause) {
    process.stderr.write(`No bundle was made (${cause instanceof Error ? cause.message : String(cause)}); icx runs from its sources.\n`);
  }
}
