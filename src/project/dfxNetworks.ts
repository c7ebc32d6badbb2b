import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ProjectNetwork } from "../context/project.ts";
import { parseManifest, type ManifestNode } from "./manifestNode.ts";
import { readText } from "./readText.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Networks of dfx.json, then those of the user's own networks.json that it does not name. @throws IcxError ICX1003, ICX1010 */
export function readDfxNetworks(manifest: ManifestNode, env: Env): readonly ProjectNetwork[] {
  const own = manifest.get("networks").entries().map(([name, node]) => readNetwork(name, node)), file = networksFile(env);
  const shared = file === undefined || !existsSync(file) ? [] : parseManifest(file, readText(file)).entries().map(([name, node]) => readNetwork(name, node));
  return [...own, ...shared.filter(({ name }) => !own.some((known) => known.name === name))];
}

/** Where dfx keeps the networks of a user. */
function networksFile({ DFX_CONFIG_ROOT, HOME, APPDATA }: Env): string | undefined {
  if (DFX_CONFIG_ROOT !== undefined && DFX_CONFIG_ROOT !== "") return join(DFX_CONFIG_ROOT, ".config", "dfx", "networks.json");
  if (process.platform === "win32") return APPDATA === undefined ? undefined : join(APPDATA, "dfinity", "dfx", "networks.json");
  return HOME === undefined || HOME === "" ? undefined : join(HOME, ".config", "dfx", "networks.json");
}

function readNetwork(name: string, node: ManifestNode): ProjectNetwork {
  const [url] = node.get("providers").texts(), type = node.get("type").optionalText() ?? (url === undefined ? "ephemeral" : "persistent");
  if (type !== "ephemeral" && type !== "persistent") throw node.get("type").fail("must be `ephemeral` or `persistent`");
  const persistent = type === "persistent";
  if (url !== undefined) return { name, managed: false, url, persistent, fetchRootKey: true };
  const bind = node.get("bind").optionalText(), [, host, port] = /^(.*):(\d{1,5})$/.exec(bind ?? "") ?? [];
  if (bind !== undefined && (port === undefined || Number(port) > 65_535)) throw node.get("bind").fail("must be an address with a port, as in 127.0.0.1:8000");
  return { name, managed: true, ...(persistent && { persistent }), ...(port !== undefined && { port: Number(port) }), ...(host !== undefined && host !== "" && { host }) };
}
