import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { constants, gunzipSync, gzipSync } from "node:zlib";
import type { ModuleMetadata, Project, ProjectCanister } from "../context/project.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import type { BuildOutput } from "./builder.ts";
import { customSections, keepCustomSections, withCustomSection } from "./customSection.ts";
import { readSource } from "./readSource.ts";
import { writeWhole } from "./writeWhole.ts";

const CANDID_SERVICE = "candid:service";
const MODULE_BYTES_MAX = 100 * 1024 * 1024; // the largest module that the IC installs, uncompressed

export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;
const isWasm = (bytes: Uint8Array): boolean => bytes.length >= 8 && bytes[0] === 0 && bytes[1] === 0x61 && bytes[2] === 0x73 && bytes[3] === 0x6d;

/**
 * What dfx and the recipes of icp-cli do after a build, in their order: sections that are only for debuggers go, metadata comes in (the interface as
 * `candid:service` unless it is there), the module is compressed. A module that is compressed already stays so. @throws IcxError ICX4002, ICX4006
 */
export function finishModule({ project, canister: { name, finishing }, output, network, cacheFolder }: {
  readonly project: Pick<Project, "manifest">; readonly canister: Pick<ProjectCanister, "name" | "finishing">; readonly output: BuildOutput; readonly network: string; readonly cacheFolder: string;
}): { readonly wasm: Uint8Array; readonly candid: string | undefined } {
  const compressed = isGzip(output.wasm), built = compressed ? inflated(name, output.wasm) : output.wasm;
  if (!isWasm(built)) throw new IcxError(ERRORS.build.invalidModule, { name, reason: built.length === 0 ? "it is empty" : `it begins with ${Buffer.from(built.subarray(0, 4)).toString("hex")}` });
  const asked = finishing.metadata.filter(({ networks }) => networks === undefined || networks.includes(network));
  if (compressed && !finishing.shrink && asked.length === 0) return { wasm: output.wasm, candid: output.candid ?? publishedInterface(built) };
  const shrunk = finishing.shrink ? keepCustomSections(built, (section) => section.startsWith("icp:")) : built;
  const described = asked.reduce((module, entry) => withMetadata(module, entry, contentOf(entry, name, project.manifest)), shrunk);
  const candid = output.candid ?? publishedInterface(described);
  const complete = candid === undefined || interfaceSection(described) !== undefined ? described
    : withMetadata(described, { name: CANDID_SERVICE, visibility: "public" }, Buffer.from(candid));
  return { wasm: compressed || finishing.gzip ? deflated(complete, cacheFolder) : complete, candid };
}

/** One section of that name, in whichever visibility it was before. */
function withMetadata(module: Uint8Array, { name, visibility }: Pick<ModuleMetadata, "name" | "visibility">, content: Uint8Array): Uint8Array {
  return withCustomSection(keepCustomSections(module, (section) => section !== `icp:public ${name}` && section !== `icp:private ${name}`), `icp:${visibility} ${name}`, content);
}

const contentOf = ({ content }: ModuleMetadata, name: string, manifest: string): Uint8Array => ("text" in content ? Buffer.from(content.text) : readSource(content.path, name, manifest));

const interfaceSection = (wasm: Uint8Array): Uint8Array | undefined =>
  customSections(wasm).find(({ name }) => name === `icp:public ${CANDID_SERVICE}` || name === `icp:private ${CANDID_SERVICE}`)?.content; // interface spec, "Canister module format"

function publishedInterface(wasm: Uint8Array): string | undefined {
  const section = interfaceSection(wasm);
  return section === undefined ? undefined : Buffer.from(section).toString("utf8");
}

function inflated(name: string, wasm: Uint8Array): Uint8Array {
  try { return gunzipSync(wasm, { maxOutputLength: MODULE_BYTES_MAX }); } catch (cause) {
    throw new IcxError(ERRORS.build.invalidModule, { name, reason: `it is compressed, and ${(cause as Error).message}` }, { cause });
  }
}

const OS_BYTE = 9, OS_UNKNOWN = 255; // RFC 1952: the header must not tell which system compressed it

/** The same bytes from the same module: no time, no name, no system. Compressing is slow, so results are kept. */
function deflated(module: Uint8Array, cacheFolder: string): Uint8Array {
  const file = join(cacheFolder, "gzip", `${createHash("sha256").update(module).digest("hex")}.gz`);
  if (existsSync(file)) return Uint8Array.from(readFileSync(file));
  const bytes = Uint8Array.from(gzipSync(module, { level: constants.Z_BEST_COMPRESSION }));
  bytes[OS_BYTE] = OS_UNKNOWN;
  writeWhole(file, bytes);
  return bytes;
}
