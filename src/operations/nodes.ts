import { askOwner } from "../client/askOwner.ts";
import type { CommandContext, Shown } from "../context/context.ts";
import type { NetworkTarget } from "../context/network.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { nearest } from "../errors/nearest.ts";
import { table } from "../ui/table.ts";
import { connect } from "./connect.ts";
import { locate } from "./locate.ts";

/** A virtual node as the network's admin door tells it. */
interface Node { readonly id: string; readonly subnet: string; readonly subnetType: string; readonly running: boolean; readonly serving: boolean; readonly height: number; readonly certifiedHeight: number }
const LOCAL = { network: undefined, environment: undefined, rootKey: undefined, identity: undefined } as const;
/** Two groups of a principal tell the nodes of a network apart. */
const SHORT_CHARACTERS = 11;

const read = async (target: NetworkTarget): Promise<readonly Node[]> => await (await askOwner(target, "GET", "nodes")).json() as readonly Node[];
const state = ({ running, serving }: Node): string => (running ? serving ? "running, answers" : "running" : "stopped");

/** `icx node list`: the virtual nodes of the local network. @throws IcxError 2xxx */
export async function listNodes(context: CommandContext): Promise<Shown> {
  const { target } = await connect(context, { ...LOCAL, localOnly: "icx node" }), nodes = await read(target);
  const rows = nodes.map((node) => [node.id.slice(0, SHORT_CHARACTERS), node.subnet.slice(0, SHORT_CHARACTERS), node.subnetType, state(node), String(node.height), String(node.certifiedHeight)]);
  return { text: table(rows, ["NODE", "SUBNET", "TYPE", "STATE", "HEIGHT", "CERTIFIED"]), data: { nodes } };
}

/** `icx node stop` and `start`, of a network that runs: a node is named by its id or the beginning of it. @throws IcxError ICX2004, ICX2019 */
export async function switchNode(context: CommandContext, { node: text, to }: { readonly node: string; readonly to: "stop" | "start" }): Promise<Shown> {
  const { target } = await locate(context, { ...LOCAL, localOnly: "icx node" });
  if (target.stopped === true) throw new IcxError(ERRORS.network.notStarted);
  const nodes = await read(target), found = nodes.filter(({ id }) => id.startsWith(text.toLowerCase()));
  if (found.length !== 1 || text === "") {
    const close = nearest(text, nodes.map(({ id }) => id.slice(0, SHORT_CHARACTERS)));
    throw new IcxError(ERRORS.network.unknownNode, { text, suggestion: close === undefined ? "`icx node list` shows them." : `Did you mean \`icx node ${to} ${close}\`?` });
  }
  const now = await (await askOwner(target, "POST", `nodes/${to}?id=${found[0]!.id}`)).json() as Node, left = (await read(target)).filter(({ subnet, running }) => subnet === now.subnet && running).length, all = nodes.filter(({ subnet }) => subnet === now.subnet).length;
  const needed = all - Math.floor((all - 1) / 3);
  return {
    text: `Node ${now.id.slice(0, SHORT_CHARACTERS)} is ${to === "stop" ? "stopped" : "running"}: ${left} of ${all} nodes of its subnet run${left < needed ? `, and it needs ${needed} to go on. Updates wait; queries are answered.` : "."}`,
    data: { ...now, runningNodes: left, nodes: all, neededNodes: needed },
  };
}
