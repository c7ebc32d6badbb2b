import { root } from "./checkout.ts";
import { restoreManifest } from "./manifestSwap.ts";

/** After `npm pack`: the checkout's package.json stands in its place again. */
restoreManifest(root);
