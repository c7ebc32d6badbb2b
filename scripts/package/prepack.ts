import "./restore.ts";
import { readManifest, root } from "./checkout.ts";
import { restoreManifest, swapManifest } from "./manifestSwap.ts";
import { publishedManifest } from "./publishedManifest.ts";

/**
 * Before `npm pack`: builds `dist/` and puts the published package.json in the place of the checkout's; `postpack` puts it back. A pack
 * that ends between the two is repaired by the next one, or by `npm run postpack`. Publish the tarball (`npm publish icx-….tgz`): from
 * the folder, npm would read package.json once more after postpack and tell the registry of the checkout's dependencies.
 */
try {
  await import("./build.ts");
  swapManifest(root, `${JSON.stringify(publishedManifest(readManifest("package.json")), null, 2)}\n`);
} catch (error) {
  restoreManifest(root);
  throw error;
}
