import { resolve } from "node:path";
import type { BuildStep, ModuleSource, SyncStep } from "../context/project.ts";
import type { Read } from "./icpSettings.ts";
import type { ManifestNode } from "./manifestNode.ts";

/** Steps in order, and what is shown of them. */
type Steps<T> = Read<readonly T[], readonly unknown[]>;

/** `build.steps`: at least one. @throws IcxError ICX1003 */
export function readBuildSteps(build: ManifestNode, folder: string, notes: string[]): Steps<BuildStep> {
  build.only(["steps"], notes);
  const steps = build.get("steps").items().map((step) => readBuildStep(step, folder, notes));
  if (steps.length === 0) throw build.fail("needs `steps`, at least one");
  return { value: steps.map(({ value }) => value), shown: steps.map(({ shown }) => shown) };
}

function readBuildStep(step: ManifestNode, folder: string, notes: string[]): Read<BuildStep, unknown> {
  const type = step.get("type").text();
  if (type === "script") return readScript(step, notes);
  if (type !== "pre-built") throw step.get("type").fail("must be `script` or `pre-built`");
  step.only(["type", "path", "url", "sha256"], notes);
  const { source, shown } = readSource(step, folder), sha256 = readHash(step.get("sha256"));
  return { value: { kind: "pre-built", source, ...(sha256 !== undefined && { sha256: sha256.toLowerCase() }) }, shown: { type, ...shown, sha256: sha256 ?? null } };
}

/** A command, or a list of commands. */
function readScript(step: ManifestNode, notes: string[]): Read<Extract<BuildStep, { kind: "script" }>, unknown> {
  step.only(["type", "command", "commands"], notes);
  const single = step.get("command"), many = step.get("commands");
  if (single.value !== undefined && single.value !== null) return { value: { kind: "script", commands: [single.text()] }, shown: { type: "script", command: single.text() } };
  if (many.value === undefined || many.value === null) throw step.fail("needs `command` or `commands`");
  if (!Array.isArray(many.value)) throw many.fail("must be a list of texts");
  return { value: { kind: "script", commands: many.texts() }, shown: { type: "script", commands: many.texts() } };
}

/** Where a module of somebody else's lies: `path`, relative to the canister's folder, or `url`. */
export function readSource(node: ManifestNode, folder: string): { readonly source: ModuleSource; readonly shown: Readonly<Record<string, string>> } {
  const path = node.get("path").optionalText(), url = node.get("url").optionalText();
  if (path !== undefined) return { source: { kind: "file", path: resolve(folder, path) }, shown: { path } };
  if (url === undefined) throw node.fail("needs a `path` or a `url`");
  if (!/^https?:\/\/\S+$/.test(url)) throw node.get("url").fail("must be an http or https address");
  return { source: { kind: "url", url }, shown: { url } };
}

/** A SHA-256 in hex. */
export function readHash(node: ManifestNode): string | undefined {
  const text = node.optionalText();
  if (text !== undefined && !/^[\da-f]{64}$/i.test(text)) throw node.fail("must be a SHA-256: 64 hex digits");
  return text;
}

/** `sync.steps`: none is fine. @throws IcxError ICX1003 */
export function readSyncSteps(sync: ManifestNode, notes: string[]): Steps<SyncStep> {
  sync.only(["steps"], notes);
  const steps = sync.get("steps").items().map((step) => readSyncStep(step, notes));
  return { value: steps.map(({ value }) => value), shown: steps.map(({ shown }) => shown) };
}

function readSyncStep(step: ManifestNode, notes: string[]): Read<SyncStep, unknown> {
  const type = step.get("type").text();
  if (type === "script") return readScript(step, notes);
  if (type === "assets") throw step.get("type").fail("is `assets`, which icp-cli no longer has; a newer version of the recipe uses a plug-in");
  if (type !== "plugin") throw step.get("type").fail("must be `script` or `plugin`");
  const { shown } = readSource(step, "."), list = (key: string): readonly string[] | null => (step.get(key).value === undefined ? null : step.get(key).texts());
  const sha256 = readHash(step.get("sha256"));
  return {
    value: { kind: "unsupported", what: `its sync step is the plug-in ${shown["path"] ?? shown["url"]}` },
    shown: { type, ...shown, sha256: sha256 ?? null, dirs: list("dirs"), files: list("files"), fields: step.get("fields").value ?? null, canisters: step.get("canisters").value ?? null },
  };
}
