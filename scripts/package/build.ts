import { join } from "node:path";
import { bundle } from "./bundle.ts";
import { root } from "./checkout.ts";
import { writeDeclarations } from "./declarations.ts";

/** `npm run build`: what is published, in `dist/`. */
const out = join(root, "dist");
const { outputs } = await bundle(out);
writeDeclarations(out);
const bytes = Object.values(outputs).reduce((sum, output) => sum + output.bytes, 0);
process.stdout.write(`dist/: ${Object.keys(outputs).length} files, ${(bytes / 1e6).toFixed(1)} MB\n`);
