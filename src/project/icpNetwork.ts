import type { ProjectNetwork, WantedSubnet } from "../context/project.ts";
import type { EffectiveNetwork } from "./effective.ts";
import { nearest } from "../errors/nearest.ts";
import type { Read } from "./icpSettings.ts";
import type { ManifestNode } from "./manifestNode.ts";
import { NODES_MAX, SUBNETS_MAX, SUBNET_TYPES } from "./wantedSubnets.ts";

/** Keys of a managed network that icx knows of and does not act upon. */
const PASSED_OVER = ["artificial-delay-ms", "ii", "nns", "bitcoind-addr", "dogecoind-addr", "version"];
const CONTAINER = ["image", "port-mapping", "rm-on-exit", "args", "cmd", "command", "entrypoint", "environment", "volumes", "platform", "user", "shm-size", "status-dir", "mounts", "extra-hosts"];
const ROOT_KEY_BYTES = 133, PRICED_AS_MAX = 1_000;

/** A network of icp.yaml. @throws IcxError ICX1003 */
export function readIcpNetwork(node: ManifestNode, notes: string[]): Read<ProjectNetwork, EffectiveNetwork> {
  const name = node.get("name").text(), mode = node.get("mode").text();
  if (name === "ic") throw node.get("name").fail("is the name of mainnet and cannot be given again");
  if (mode === "managed") return managed(name, node, notes);
  if (mode !== "connected") throw node.get("mode").fail("must be `managed` or `connected`");
  node.only(["name", "mode", "url", "api-url", "http-gateway-url", "root-key"], notes);
  const key = node.get("api-url").value === undefined ? "url" : "api-url", url = address(node.get(key)), rootKey = node.get("root-key").text();
  if (rootKey !== "fetch" && rootKey !== "mainnet" && !new RegExp(`^([\\da-f]{2}){${ROOT_KEY_BYTES}}$`, "i").test(rootKey)) throw node.get("root-key").fail(`must be \`fetch\`, \`mainnet\` or ${ROOT_KEY_BYTES * 2} hex digits`);
  const gateway = key === "url" ? url : node.get("http-gateway-url").value === undefined ? null : address(node.get("http-gateway-url"));
  return {
    value: { name, managed: false, persistent: true, url: node.get(key).text(), ...(rootKey === "fetch" ? { fetchRootKey: true } : rootKey === "mainnet" ? {} : { rootKey }) },
    shown: { name, configuration: { mode, "api-url": url, "http-gateway-url": gateway, "root-key": rootKey } },
  };
}

function address(node: ManifestNode): string {
  const text = node.text(), url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) throw node.fail("must be an http or https address");
  return url.href;
}

function managed(name: string, node: ManifestNode, notes: string[]): Read<ProjectNetwork, EffectiveNetwork> {
  if (node.get("image").value !== undefined) return container(name, node, notes);
  node.only(["name", "mode", "gateway", "subnets", "nodes", ...PASSED_OVER], notes);
  const given = PASSED_OVER.filter((key) => { const { value } = node.get(key); return value !== undefined && value !== null && value !== false; });
  const gateway = node.get("gateway"), value = (key: string): unknown => node.get(key).value ?? null;
  gateway.only(["bind", "port", "domains"], notes);
  const port = gateway.get("port").optionalInteger(), host = gateway.get("bind").optionalText();
  if (port !== undefined && port > 65_535n) throw gateway.get("port").fail("must be a port");
  const nodes = sizeOf(node.get("nodes"), NODES_MAX), subnets = node.get("subnets").value === undefined ? undefined : readSubnets(node.get("subnets"));
  const domains = gateway.get("domains").texts(), local = gateway.value === undefined || domains.includes("localhost") ? [] : ["localhost"];
  return {
    value: {
      name, managed: true, ...(port !== undefined && { port: Number(port) }), ...(host !== undefined && { host }), ...(nodes !== undefined && { nodes }), ...(subnets !== undefined && { subnets }),
      ...(given.length > 0 && { notes: [`The network ${name} asks for ${given.map((key) => `\`${key}\``).join(", ")}, which icx does not act upon yet.`] }),
    },
    shown: {
      name, configuration: {
        mode: "managed", gateway: { bind: host ?? "127.0.0.1", port: port === 0n ? "Random" : { tag: "Fixed", of: Number(port ?? 8000n) }, domains: [...domains, ...local] },
        artificial_delay_ms: value("artificial-delay-ms"), ii: value("ii") ?? false, nns: value("nns") ?? false, subnets: value("subnets"), bitcoind_addr: value("bitcoind-addr"), dogecoind_addr: value("dogecoind-addr"), version: value("version"),
      },
    },
  };
}

const hint = (typed: string, known: readonly string[]): string => { const meant = nearest(typed, known); return meant === undefined ? `: they are ${known.join(", ")}` : `; did you mean ${meant}?`; };
function sizeOf(node: ManifestNode, max: number): number | undefined {
  const value = node.optionalInteger();
  if (value !== undefined && (value < 1n || value > max)) throw node.fail(`must be a number from 1 to ${max}`);
  return value === undefined ? undefined : Number(value);
}

/** icp-cli's list of types; an item may also be `{ type, nodes, priced-as }`. `nns` is there in any case. */
function readSubnets(node: ManifestNode): readonly WantedSubnet[] {
  const wanted = node.items().flatMap((item): readonly WantedSubnet[] => {
    const isText = typeof item.value === "string", type = isText ? item.text() : item.get("type").text(), known = SUBNET_TYPES.find((name) => name === type);
    if (type === "nns") return [];
    if (known === undefined) throw (isText ? item : item.get("type")).fail(`is no type of subnet${hint(type, SUBNET_TYPES)}`);
    if (isText) return [{ type: known }];
    item.only(["type", "nodes", "priced-as"]);
    const nodes = sizeOf(item.get("nodes"), NODES_MAX), pricedAs = sizeOf(item.get("priced-as"), PRICED_AS_MAX);
    return [{ type: known, ...(nodes !== undefined && { nodes }), ...(pricedAs !== undefined && { pricedAs }) }];
  });
  if (wanted.length > SUBNETS_MAX) throw node.fail(`names more than ${SUBNETS_MAX} subnets`);
  return wanted.length === 0 ? [{ type: "application" }] : wanted;
}

function container(name: string, node: ManifestNode, notes: string[]): Read<ProjectNetwork, EffectiveNetwork> {
  node.only(["name", "mode", ...CONTAINER], notes);
  const list = (...keys: readonly string[]): readonly string[] => keys.flatMap((key) => node.get(key).texts()), value = (key: string): unknown => node.get(key).value ?? null;
  return {
    value: { name, managed: true, notes: [`The network ${name} is a container in icp.yaml: icx runs it by itself, without a container.`] },
    shown: {
      name, configuration: {
        mode: "managed", image: node.get("image").text(), port_mapping: list("port-mapping"), rm_on_exit: node.get("rm-on-exit").optionalFlag() ?? false, args: list("args", "cmd", "command"), entrypoint: value("entrypoint"),
        environment: list("environment"), volumes: list("volumes"), platform: value("platform"), user: value("user"), shm_size: value("shm-size"), status_dir: value("status-dir") ?? "/app/status", mounts: list("mounts"), extra_hosts: list("extra-hosts"),
      },
    },
  };
}
