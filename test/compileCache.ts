import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * One folder of compiled modules for all tests of a run, empty at its beginning: the template that many tests deploy is compiled by the first of
 * them. A test whose subject is compiling gives an ICX_CACHE of its own. The user's own folder is never touched.
 */
export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), "icx-test-cache-"));
  process.env["ICX_TEST_CACHE"] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
