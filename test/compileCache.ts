import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * One folder of compiled modules for all tests of a run, empty at its beginning: the template that many tests deploy is compiled by the first of
 * them. A test whose subject is compiling gives an ICX_CACHE of its own. The user's own folder is never touched. What Node compiles of the sources
 * is kept there too, for the processes that tests start in their own environment: such a process starts in half the time.
 */
export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), "icx-test-cache-"));
  process.env["ICX_TEST_CACHE"] = folder;
  process.env["NODE_COMPILE_CACHE"] = join(folder, "node");
  return () => rmSync(folder, { recursive: true, force: true });
}
