/** A value with a name, as the effective project shows alternatives: `!Text { … }` in YAML, `{ "Text": … }` in JSON. */
export interface Tagged { readonly tag: string; readonly of: unknown }
/** A canister as the effective project shows it: icp-cli's keys, amounts as they were written. */
export interface EffectiveCanister {
  readonly name: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly build: { readonly steps: readonly unknown[] };
  readonly sync: { readonly steps: readonly unknown[] };
  readonly init_args: Tagged | null;
  readonly upgrade_args: Tagged | null;
  readonly registry_recipe: string | null;
}
/** What differs in an environment, shown alike. */
export interface EffectiveOverrides { readonly settings?: Readonly<Record<string, unknown>>; readonly init_args?: Tagged; readonly upgrade_args?: Tagged }
/** A network, shown alike. */
export interface EffectiveNetwork { readonly name: string; readonly configuration: Readonly<Record<string, unknown>> }

/** What `icx project show` prints is made of. */
export interface EffectiveParts {
  readonly root: string;
  readonly canisters: readonly { readonly folder: string; readonly canister: EffectiveCanister }[];
  readonly networks: readonly EffectiveNetwork[];
  readonly environments: readonly { readonly name: string; readonly network: string; readonly canisters: readonly string[]; readonly overrides: Readonly<Record<string, EffectiveOverrides>> }[];
}

const LOCAL: EffectiveNetwork = { name: "local", configuration: { mode: "managed", gateway: { bind: "127.0.0.1", port: { tag: "Fixed", of: 8000 } satisfies Tagged, domains: [] }, artificial_delay_ms: null, ii: false, nns: false, subnets: null, bitcoind_addr: null, dogecoind_addr: null, version: null } };
const IC: EffectiveNetwork = { name: "ic", configuration: { mode: "connected", "api-url": "https://icp-api.io/", "http-gateway-url": "https://icp.net/", "root-key": "mainnet" } };

/** The effective project in icp-cli's shape: implicit networks and environments, each environment with its canisters written out. */
export function effectiveProject({ root, canisters, networks: own, environments: given }: EffectiveParts): Readonly<Record<string, unknown>> {
  const networks = [...own, ...[LOCAL, IC].filter(({ name }) => !own.some((known) => known.name === name))];
  const all = canisters.map(({ canister: { name } }) => name), bindings = Object.fromEntries(all.map((name) => [name, name]));
  const environments = [...given, ...["local", "ic"].filter((name) => !given.some((known) => known.name === name)).map((name) => ({ name, network: name, canisters: all, overrides: {} as Readonly<Record<string, EffectiveOverrides>> }))];
  const shown = (names: readonly string[], overrides: Readonly<Record<string, EffectiveOverrides>>): Readonly<Record<string, unknown>> => Object.fromEntries(names.flatMap((name) => {
    const found = canisters.find(({ canister }) => canister.name === name);
    return found === undefined ? [] : [[name, [found.folder, { ...found.canister, ...(Object.hasOwn(overrides, name) ? overrides[name] : {}), bindings }]]];
  }));
  return {
    dir: root, canisters: shown(all, {}), networks: Object.fromEntries(networks.map((network) => [network.name, network])),
    environments: Object.fromEntries(environments.map(({ name, network, canisters: names, overrides }) => [name, { name, network: networks.find((known) => known.name === network) ?? null, canisters: shown(names, overrides) }])),
  };
}

const isTagged = (value: object): value is Tagged => Object.keys(value).length === 2 && "tag" in value && "of" in value;

/** Tags as JSON has them. */
export function untagged(value: unknown): unknown {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(untagged);
  if (isTagged(value)) return { [value.tag]: untagged(value.of) };
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, untagged(item)]));
}
