/**
 * Before the tests: npm under an old Node leaves out optional packages whose `engines` want a newer one, such as the native part of the
 * test runner. This runs on the Node that npm brought along; when something is missing it asks the same npm again, under this Node.
 */
import { spawnSync } from "node:child_process";
import { dirname, delimiter } from "node:path";

const isWhole = (): boolean => spawnSync(process.execPath, ["--input-type=module", "-e", 'await import("rolldown")'], { stdio: "ignore" }).status === 0;

const npm = process.env["npm_execpath"];
if (!isWhole() && npm !== undefined) {
  process.stderr.write(`Completing the install under Node ${process.versions.node}\n`);
  const env = { ...process.env, PATH: [dirname(process.execPath), process.env["PATH"] ?? ""].join(delimiter) };
  spawnSync(process.execPath, [npm, "install", "--ignore-scripts", "--no-save", "--no-audit", "--no-fund"], { env, stdio: ["ignore", "ignore", "inherit"] });
  if (!isWhole()) process.exitCode = 1;
}
