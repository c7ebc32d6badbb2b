import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Where the checkout's package.json waits while the published one stands in its place: never packed, never committed. */
const backupOf = (folder: string): string => join(folder, "node_modules", ".package.json.checkout");

/** Puts `text` in the place of package.json; the original waits, byte for byte. */
export function swapManifest(folder: string, text: string): void {
  const manifest = join(folder, "package.json");
  writeFileSync(`${backupOf(folder)}.part`, readFileSync(manifest));
  renameSync(`${backupOf(folder)}.part`, backupOf(folder)); // a backup that exists is whole, whenever we are killed
  writeFileSync(manifest, text);
}

/** Puts the original back, if one waits; answers whether it did. */
export function restoreManifest(folder: string): boolean {
  if (!existsSync(backupOf(folder))) return false;
  renameSync(backupOf(folder), join(folder, "package.json"));
  return true;
}
