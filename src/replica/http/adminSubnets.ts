import { NEWEST_REPLICA_VERSION, REPLICA_VERSIONS } from "../params/versions.ts";
import { SUBNET_KINDS, type SubnetKind } from "../params/subnetKinds.ts";
import type { AdminRow } from "./adminDoor.ts";
import { jsonAnswer, textAnswer } from "./answer.ts";

/** A subnet as its owner sees it; ids are texts. */
export interface SubnetFacts {
  readonly id: string; readonly type: string;
  /** `root`: the NNS subnet. `default`: where new canisters go. Neither can be removed. */
  readonly role: "root" | "default" | "other";
  /** The number of nodes that its fees are made for. */
  readonly pricedAs: number;
  readonly nodes: number; readonly runningNodes: number; readonly neededNodes: number;
  readonly health: string; readonly height: number; readonly certifiedHeight: number; readonly certifiedTimeNanos: string; readonly checkpointHeight: number;
  readonly canisters: number; readonly registryVersion: number; /** What it runs, and what the registry wants it to run from its next summary on. */ readonly replicaVersion: string; readonly nextReplicaVersion: string;
  /** DER of its threshold key, hex. */
  readonly publicKey: string;
  readonly ranges: readonly { readonly start: string; readonly end: string }[];
  /** A canister id of its ranges: the effective id for creating canisters there. */
  readonly effectiveCanisterId: string;
}

/** What the door may do with subnets. All reject with a RangeError when the registry refuses. */
export interface SubnetControl {
  list(): readonly SubnetFacts[];
  add(wanted: { readonly type: SubnetKind; readonly nodes?: number; readonly pricedAs?: number }): Promise<string>;
  remove(id: string): Promise<void>;
  /** Lets it go on with another replica version; absent: the newest. Resolves with that when it has. */
  upgrade(id: string, version: string | undefined): Promise<string>;
  /** Gives up the nodes that do not run and goes on from what is left. */
  /** Gives some canisters a subnet of their own. */
  split(wanted: { readonly subnet: string; readonly canisters: readonly string[]; readonly ranges: readonly { readonly start: string; readonly end: string }[]; readonly nodes?: number }): Promise<{ readonly subnet: string; readonly destination: string; readonly height: number }>;
  /** Moves a stopped canister to where another one is, whose place it takes. */
  migrate(wanted: { readonly canister: string; readonly replaces: string }): Promise<void>;
  recover(id: string): Promise<{ readonly height: number; readonly lost: readonly string[]; readonly replacements: readonly string[] }>;
}

/** As large as mainnet's subnets may become; more nodes in one process serve nobody. */
const NODES_MAX = 40, PRICED_AS_MAX = 1_000;
function count(text: string | null, max: number): number | undefined | "bad" {
  if (text === null) return undefined;
  const value = Number(text);
  return Number.isInteger(value) && value >= 1 && value <= max ? value : "bad";
}

/** `GET /_icx/subnets`; `POST /_icx/subnets/add?type=application&nodes=4&pricedAs=13`, `/_icx/subnets/remove?id=<subnet>`, `/_icx/subnets/upgrade?id=<subnet>&version=<version>` and `/_icx/subnets/recover?id=<subnet>`. */
export const adminSubnets = (subnets: SubnetControl): readonly AdminRow[] => [
  { method: "GET", path: "subnets", summary: "Every subnet: type, size, canisters, heights", respond: () => jsonAnswer(200, subnets.list()) },
  {
    method: "POST", path: "subnets/add", summary: "Add a subnet: `?type=application&nodes=4&pricedAs=13`",
    async respond(_network, _body, { searchParams }) {
      const type = searchParams.get("type") ?? "application", nodes = count(searchParams.get("nodes"), NODES_MAX), pricedAs = count(searchParams.get("pricedAs"), PRICED_AS_MAX);
      if (!Object.hasOwn(SUBNET_KINDS, type) || nodes === "bad" || pricedAs === "bad") return textAnswer(400, `A subnet is one of ${Object.keys(SUBNET_KINDS).join(", ")}, has 1 to ${NODES_MAX} nodes and is priced as 1 to ${PRICED_AS_MAX}.`);
      try {
        const id = await subnets.add({ type: type as SubnetKind, ...(nodes !== undefined && { nodes }), ...(pricedAs !== undefined && { pricedAs }) });
        return jsonAnswer(200, subnets.list().find((subnet) => subnet.id === id));
      } catch (error) { if (error instanceof RangeError) return textAnswer(409, error.message); throw error; }
    },
  },
  {
    method: "POST", path: "subnets/remove", summary: "Take a subnet and its canisters out of the network: `?id=<subnet>`",
    async respond(_network, _body, { searchParams }) {
      const found = subnets.list().find(({ id }) => id === searchParams.get("id"));
      if (found === undefined) return textAnswer(404, "The network has no such subnet.");
      try { await subnets.remove(found.id); } catch (error) { if (error instanceof RangeError) return textAnswer(409, error.message); throw error; }
      return jsonAnswer(200, found);
    },
  },
  {
    method: "GET", path: "subnets/versions", summary: "The replica versions that subnets may run",
    respond: () => jsonAnswer(200, { versions: REPLICA_VERSIONS.map(({ name, description }) => ({ name, description })), newest: NEWEST_REPLICA_VERSION }),
  },
  {
    method: "POST", path: "subnets/upgrade", summary: "Let a subnet go on with another replica version, the newest without `version`: `?id=<subnet>&version=<version>`",
    async respond(_network, _body, { searchParams }) {
      const found = subnets.list().find(({ id }) => id === searchParams.get("id"));
      if (found === undefined) return textAnswer(404, "The network has no such subnet.");
      try {
        const version = await subnets.upgrade(found.id, searchParams.get("version") ?? undefined);
        return jsonAnswer(200, { from: found.replicaVersion, version, height: subnets.list().find(({ id }) => id === found.id)?.height ?? found.height });
      } catch (error) { if (error instanceof RangeError) return textAnswer(409, error.message); throw error; }
    },
  },
  {
    method: "POST", path: "subnets/recover", summary: "Replace the nodes of a subnet that do not run, and go on from what is left: `?id=<subnet>`",
    async respond(_network, _body, { searchParams }) {
      const found = subnets.list().find(({ id }) => id === searchParams.get("id"));
      if (found === undefined) return textAnswer(404, "The network has no such subnet.");
      try { return jsonAnswer(200, await subnets.recover(found.id)); } catch (error) { if (error instanceof RangeError) return textAnswer(409, error.message); throw error; }
    },
  },
  {
    method: "POST", path: "subnets/split", summary: "Give canisters of a subnet a subnet of their own: `?id=<subnet>&canister=<id>&range=<id>:<id>&nodes=4`, canisters and ranges as often as wanted",
    async respond(_network, _body, { searchParams }) {
      const found = subnets.list().find(({ id }) => id === searchParams.get("id")), nodes = count(searchParams.get("nodes"), NODES_MAX), ranges = searchParams.getAll("range").map((text) => { const [start = "", end = start] = text.split(":"); return { start, end }; });
      if (found === undefined) return textAnswer(404, "The network has no such subnet.");
      if (nodes === "bad") return textAnswer(400, `A subnet has 1 to ${NODES_MAX} nodes.`);
      try { return jsonAnswer(200, await subnets.split({ subnet: found.id, canisters: searchParams.getAll("canister"), ranges, ...(nodes !== undefined && { nodes }) })); } catch (error) { if (error instanceof RangeError) return textAnswer(409, error.message); throw error; }
    },
  },
  {
    method: "POST", path: "canisters/migrate", summary: "Move a stopped canister to another subnet, where another one holds its state and takes its id: `?canister=<id>&replaces=<id>`",
    async respond(_network, _body, { searchParams }) {
      const canister = searchParams.get("canister") ?? "", replaces = searchParams.get("replaces") ?? "";
      try { await subnets.migrate({ canister, replaces }); } catch (error) { if (error instanceof RangeError) return textAnswer(409, error.message); throw error; }
      return jsonAnswer(200, { canister, replaced: replaces });
    },
  },
];
