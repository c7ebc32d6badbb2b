import { askOwner } from "../client/askOwner.ts";
import type { CommandContext, Shown } from "../context/context.ts";
import type { NetworkTarget } from "../context/network.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { named } from "./named.ts";
import { neededOf, readNodes, runningTarget } from "./nodes.ts";
import { subnetNamed } from "./subnets.ts";
import { short } from "../ui/shortId.ts";

/** The links of one subnet as the network's admin door tells them; milliseconds. */
interface Links { readonly subnet: string; readonly subnetType: string; readonly delayMs: number; readonly jitterMs: number; readonly groups: readonly (readonly string[])[] }

/** @throws IcxError ICX2020 where every subnet has one node */
async function linked(target: NetworkTarget, command: string): Promise<void> {
  if ((await (await askOwner(target, "GET", "links")).json() as readonly Links[]).length === 0) throw new IcxError(ERRORS.network.noLinks, { command });
}

function shown(links: readonly Links[]): Shown {
  const lines = links.map(({ subnet, subnetType, delayMs, jitterMs, groups }) => {
    const nodes = groups.flat().length, largest = Math.max(...groups.map(({ length }) => length)), delay = delayMs === 0 ? "" : `, ${delayMs} ms${jitterMs === 0 ? "" : ` ± ${jitterMs} ms`} from node to node`;
    const cut = groups.length === 1 ? "nothing is cut" : `${groups.map((group) => group.map(short).join(" ")).join(" | ")}${largest < neededOf(nodes) ? `; no side has the ${neededOf(nodes)} nodes that it takes to go on: updates wait, queries are answered` : ""}`;
    return `Subnet ${short(subnet)} (${subnetType}): ${cut}${delay}.`;
  });
  return { text: lines.join("\n"), data: { links } };
}
const changed = async (target: NetworkTarget, path: string): Promise<Shown> => shown(await (await askOwner(target, "POST", `links/${path}`)).json() as readonly Links[]);

/** `icx network partition`: these nodes against the others of their subnets. @throws IcxError ICX2004, ICX2019, ICX2020 */
export async function partitionNetwork(context: CommandContext, texts: readonly string[]): Promise<Shown> {
  const target = await runningTarget(context, "icx network partition"), names = texts.flatMap((text) => text.split(",")).filter((text) => text !== "");
  if (names.length === 0) throw new IcxError(ERRORS.arguments.usage, { problem: "Name the nodes of one side; the others are the other side.", command: "icx network partition" });
  await linked(target, "icx network partition");
  const nodes = await readNodes(target);
  return await changed(target, `partition?nodes=${names.map((name) => named("node", nodes, name, "icx network partition").id).join(",")}`);
}

/** `icx network heal`: joins what `partition` and `isolate` cut. @throws IcxError ICX2004, ICX2020, ICX2021 */
export async function healNetwork(context: CommandContext, subnet: string | undefined): Promise<Shown> {
  const target = await runningTarget(context, "icx network heal");
  await linked(target, "icx network heal");
  return await changed(target, `heal${subnet === undefined ? "" : `?subnet=${(await subnetNamed(target, subnet, "icx network heal --subnet")).id}`}`);
}

/** `icx network delay`: how long what a node sends takes to the others, milliseconds. @throws IcxError ICX2004, ICX2020, ICX2021 */
export async function delayLinks(context: CommandContext, { delayMs, jitterMs, subnet }: { readonly delayMs: number; readonly jitterMs: number; readonly subnet: string | undefined }): Promise<Shown> {
  const target = await runningTarget(context, "icx network delay");
  await linked(target, "icx network delay");
  return await changed(target, `delay?ms=${delayMs}&jitter=${jitterMs}${subnet === undefined ? "" : `&subnet=${(await subnetNamed(target, subnet, "icx network delay --subnet")).id}`}`);
}
