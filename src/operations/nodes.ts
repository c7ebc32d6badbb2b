import { askOwner } from "../client/askOwner.ts";
import type { CommandContext, Shown } from "../context/context.ts";
import type { NetworkTarget } from "../context/network.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { table } from "../ui/table.ts";
import { connect } from "./connect.ts";
import { type Location, locate } from "./locate.ts";
import { named } from "./named.ts";
import { short } from "../ui/shortId.ts";

/** A virtual node as the network's admin door tells it. */
export interface Node {
  readonly id: string; readonly subnet: string; readonly subnetType: string; readonly running: boolean; readonly serving: boolean; readonly height: number; readonly certifiedHeight: number;
  /** Running nodes of its subnet that its artifacts reach, itself among them. */
  readonly reaches: number;
}
/** The local network alone, whoever the user is. */
export const LOCAL = { network: undefined, environment: undefined, rootKey: undefined, identity: undefined } as const;
export const readNodes = async (target: NetworkTarget): Promise<readonly Node[]> => await (await askOwner(target, "GET", "nodes")).json() as readonly Node[];
/** How many of so many nodes have to work together. */
export const neededOf = (nodes: number): number => nodes - Math.floor((nodes - 1) / 3);

/** The local network, which has to run: faults end with its process. @throws IcxError ICX2004, ICX2017 */
export async function runningPlace(context: CommandContext, command: string): Promise<Location> {
  const place = await locate(context, { ...LOCAL, localOnly: command });
  if (place.target.stopped === true) throw new IcxError(ERRORS.network.notStarted);
  return place;
}
export const runningTarget = async (context: CommandContext, command: string): Promise<NetworkTarget> => (await runningPlace(context, command)).target;

function state({ running, serving, reaches }: Node, nodes: readonly Node[], subnet: string): string {
  if (!running) return "stopped";
  const others = nodes.filter((node) => node.subnet === subnet && node.running).length;
  return ["running", ...(serving ? ["answers"] : []), ...(reaches < others ? [reaches === 1 ? "cut off" : `reaches ${reaches} of ${others}`] : [])].join(", ");
}

/** `icx node list`: the virtual nodes of the local network; with `--quiet` ids alone. @throws IcxError 2xxx */
export async function listNodes(context: CommandContext, onlyRunning = false): Promise<Shown> {
  const target = onlyRunning ? await runningTarget(context, "icx node") : (await connect(context, { ...LOCAL, localOnly: "icx node" })).target, nodes = await readNodes(target);
  const rows = nodes.map((node) => [short(node.id), short(node.subnet), node.subnetType, state(node, nodes, node.subnet), String(node.height), String(node.certifiedHeight)]);
  return { text: context.options.quiet ? nodes.map(({ id }) => id).join("\n") : table(rows, ["NODE", "SUBNET", "TYPE", "STATE", "HEIGHT", "CERTIFIED"]), data: { nodes } };
}

/** `icx node corrupt`: the node finds out by itself, and takes the state of the others. @throws IcxError ICX2004, ICX2019, ICX2023 */
export async function corruptNode(context: CommandContext, text: string): Promise<Shown> {
  const target = await runningTarget(context, "icx node"), { id, running } = named("node", await readNodes(target), text, "icx node corrupt");
  if (!running) throw new IcxError(ERRORS.network.nodeStopped, { id: short(id) });
  const flipped = await (await askOwner(target, "POST", `nodes/corrupt?id=${id}`)).json() as { readonly canister: string; readonly memory: string; readonly offset: number };
  return { text: `Flipped a bit in the ${flipped.memory} memory of ${flipped.canister} at byte ${flipped.offset}, in the state of node ${short(id)} alone. It finds out at its next catch-up package, and takes the state of the others.`, data: { node: id, ...flipped } };
}

const DONE = { stop: "is stopped", start: "is running", isolate: "is cut off from the others" } as const;

/** `icx node stop`, `start` and `isolate`, of a network that runs: a node is named by its id or the beginning of it. @throws IcxError ICX2004, ICX2019 */
export async function switchNode(context: CommandContext, { node: text, to }: { readonly node: string; readonly to: keyof typeof DONE }): Promise<Shown> {
  const target = await runningTarget(context, "icx node"), { id } = named("node", await readNodes(target), text, `icx node ${to}`);
  const now = await (await askOwner(target, "POST", `nodes/${to}?id=${id}`)).json() as Node, all = (await readNodes(target)).filter(({ subnet }) => subnet === now.subnet);
  const running = all.filter((node) => node.running).length, together = Math.max(...all.map((node) => (node.running ? node.reaches : 0))), needed = neededOf(all.length);
  const left = together === running ? `${running} of ${all.length} nodes of its subnet run` : `${together} of ${all.length} nodes of its subnet reach each other`;
  return {
    text: `Node ${short(now.id)} ${DONE[to]}: ${left}${together < needed ? `, and it needs ${needed} to go on. Updates wait; queries are answered.` : "."}`,
    data: { ...now, runningNodes: running, connectedNodes: together, nodes: all.length, neededNodes: needed },
  };
}
