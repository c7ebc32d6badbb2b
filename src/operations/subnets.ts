import { askOwner } from "../client/askOwner.ts";
import type { CommandContext, Shown } from "../context/context.ts";
import type { NetworkTarget } from "../context/network.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { nearest } from "../errors/nearest.ts";
import { SUBNET_TYPES } from "../project/wantedSubnets.ts";
import { table } from "../ui/table.ts";
import { connect } from "./connect.ts";
import { named } from "./named.ts";
import { LOCAL, runningTarget } from "./nodes.ts";
import { short } from "../ui/shortId.ts";

/** A subnet as the network's admin door tells it. */
export interface Subnet {
  readonly id: string; readonly type: string;
  /** `root`: the NNS subnet. `default`: where new canisters go. */
  readonly role: "root" | "default" | "other";
  readonly pricedAs: number; readonly nodes: number; readonly runningNodes: number; readonly neededNodes: number; readonly health: string;
  readonly height: number; readonly certifiedHeight: number; readonly certifiedTimeNanos: string; readonly checkpointHeight: number; readonly canisters: number;
  readonly registryVersion: number; readonly replicaVersion: string; readonly nextReplicaVersion?: string; readonly publicKey: string; readonly ranges: readonly { readonly start: string; readonly end: string }[]; readonly effectiveCanisterId: string;
}

export const readSubnets = async (target: NetworkTarget): Promise<readonly Subnet[]> => await (await askOwner(target, "GET", "subnets")).json() as readonly Subnet[];

/** The subnet that a text names: its id or the beginning of it. @throws IcxError ICX2021 */
export const subnetNamed = async (target: NetworkTarget, text: string, command: string): Promise<Subnet> => named("subnet", await readSubnets(target), text, command);

const localTarget = async (context: CommandContext): Promise<NetworkTarget> => (await connect(context, { ...LOCAL, localOnly: "icx subnet" })).target;
const nodesOf = ({ nodes, runningNodes }: Subnet): string => (runningNodes === nodes ? String(nodes) : `${runningNodes} of ${nodes}`);
const ROLES = { root: "root (NNS)", default: "new canisters", other: "" } as const;

/** The same connection, with new canisters going to another subnet of the local network. @throws IcxError ICX2021 */
export async function onSubnet<C extends { readonly target: NetworkTarget }>(connection: C, text: string | undefined, command: string): Promise<C> {
  if (text === undefined) return connection;
  const { effectiveCanisterId } = await subnetNamed(connection.target, text, command);
  return { ...connection, target: { ...connection.target, effectiveCanisterId } };
}

/** `icx subnet list`; with `--quiet` ids alone. @throws IcxError 2xxx */
export async function listSubnets(context: CommandContext, onlyRunning = false): Promise<Shown> {
  const subnets = await readSubnets(onlyRunning ? await runningTarget(context, "icx subnet") : await localTarget(context));
  const rows = subnets.map((subnet) => [short(subnet.id), subnet.type, nodesOf(subnet), String(subnet.pricedAs), String(subnet.canisters), String(subnet.certifiedHeight), subnet.health, ROLES[subnet.role]]);
  return { text: context.options.quiet ? subnets.map(({ id }) => id).join("\n") : table(rows, ["SUBNET", "TYPE", "NODES", "PRICED AS", "CANISTERS", "CERTIFIED", "HEALTH", "FOR"]), data: { subnets } };
}

/** `icx subnet info`: of the one that new canisters go to when none is named. @throws IcxError 2xxx */
export async function subnetInfo(context: CommandContext, text: string | undefined): Promise<Shown> {
  const target = await localTarget(context), subnet = text === undefined ? (await readSubnets(target)).find(({ role }) => role === "default")! : await subnetNamed(target, text, "icx subnet info");
  const { id, type, role, pricedAs, neededNodes, health, height, certifiedHeight, certifiedTimeNanos, canisters, registryVersion, replicaVersion, nextReplicaVersion, publicKey, ranges } = subnet;
  const lines = [
    `Subnet: ${id}`, `Type: ${type}${ROLES[role] === "" ? "" : `, ${ROLES[role]}`}`, `Nodes: ${nodesOf(subnet)}, of which ${neededNodes} have to agree`, `Priced as: ${pricedAs} nodes`, `Health: ${health}`,
    `Height: ${height}, certified ${certifiedHeight} at ${new Date(Number(BigInt(certifiedTimeNanos) / 1_000_000n)).toISOString()}`, `Canisters: ${canisters}`,
    ...ranges.map(({ start, end }) => `Canister ids: ${start} to ${end}`), `Registry version: ${registryVersion}`, `Replica version: ${replicaVersion}${nextReplicaVersion === undefined || nextReplicaVersion === replicaVersion ? "" : `, ${nextReplicaVersion} from its next summary on`}`, `Public key: ${publicKey}`,
  ];
  return { text: lines.join("\n"), data: subnet };
}

/** As many as the admin door takes; it checks again. */
const NODES_MAX = 40n, PRICED_AS_MAX = 1_000n;
/** @throws IcxError ICX5001 */
function checkSize(nodes: bigint | undefined, pricedAs: bigint | undefined): void {
  const problem = nodes !== undefined && (nodes < 1n || nodes > NODES_MAX) ? `A subnet has 1 to ${NODES_MAX} virtual nodes.` : pricedAs !== undefined && (pricedAs < 1n || pricedAs > PRICED_AS_MAX) ? `A subnet is priced as 1 to ${PRICED_AS_MAX} nodes.` : undefined;
  if (problem !== undefined) throw new IcxError(ERRORS.arguments.usage, { problem, command: "icx subnet add" });
}

/** `icx subnet add`: resolves when the subnet answers. @throws IcxError ICX5001, 2xxx */
export async function addSubnet(context: CommandContext, { type = "application", nodes, pricedAs }: { readonly type: string | undefined; readonly nodes: bigint | undefined; readonly pricedAs: bigint | undefined }): Promise<Shown> {
  const close = nearest(type, SUBNET_TYPES);
  if (!(SUBNET_TYPES as readonly string[]).includes(type)) throw new IcxError(ERRORS.arguments.usage, { problem: `\`${type}\` is no type of subnet${close === undefined ? `: they are ${SUBNET_TYPES.join(", ")}` : `. Did you mean \`${close}\``}${close === undefined ? "." : "?"}`, command: "icx subnet add" });
  checkSize(nodes, pricedAs);
  const added = await (await askOwner(await localTarget(context), "POST", `subnets/add?type=${type}${nodes === undefined ? "" : `&nodes=${nodes}`}${pricedAs === undefined ? "" : `&pricedAs=${pricedAs}`}`)).json() as Subnet;
  return { text: `Added the ${added.type} subnet ${added.id}: ${added.nodes} virtual node${added.nodes === 1 ? "" : "s"}, priced as ${added.pricedAs}.\n\nNext:\n  icx canister create --detached --subnet ${short(added.id)}`, data: added };
}

/** `icx subnet remove`: asks first when canisters live there. @throws IcxError ICX2021, ICX2022, ICX5009, ICX5010 */
export async function removeSubnet(context: CommandContext, text: string): Promise<Shown> {
  const target = await localTarget(context), { id, role, canisters } = await subnetNamed(target, text, "icx subnet remove");
  if (role !== "other") throw new IcxError(ERRORS.network.neededSubnet, { id: short(id), purpose: role === "root" ? "is the root subnet, which all others are known by" : "is where new canisters go" });
  if (canisters > 0) await context.ui.confirm(`The subnet ${short(id)} and its ${canisters} canister${canisters === 1 ? "" : "s"} will be gone for good. Continue?`);
  const removed = await (await askOwner(target, "POST", `subnets/remove?id=${id}`)).json() as Subnet;
  return { text: `Removed the subnet ${short(id)}${canisters === 0 ? "" : ` and its ${canisters} canister${canisters === 1 ? "" : "s"}`}.`, data: removed };
}
