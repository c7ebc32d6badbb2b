import { askOwner } from "../client/askOwner.ts";
import type { CommandContext, Shown } from "../context/context.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { runningTarget } from "./nodes.ts";
import { subnetNamed } from "./subnets.ts";
import { short } from "../ui/shortId.ts";

/** `icx subnet recover`: nodes that do not run are given up, after a question, and others take their places. @throws IcxError ICX2004, ICX2021, ICX2024, ICX5009, ICX5010 */
export async function recoverSubnet(context: CommandContext, text: string): Promise<Shown> {
  const target = await runningTarget(context, "icx subnet"), { id, role, nodes, runningNodes } = await subnetNamed(target, text, "icx subnet recover"), gone = nodes - runningNodes;
  if (role === "root" || runningNodes === 0) throw new IcxError(ERRORS.network.unrecoverable, { id: short(id), reason: role === "root" ? "it is the root subnet, whose key everybody trusts" : "none of its nodes runs" });
  await context.ui.confirm(`${gone === 0 ? "All nodes" : `${gone} of ${nodes} nodes`} of the subnet ${short(id)} ${gone === 0 ? "run: they will be given new keys" : `do${gone === 1 ? "es" : ""} not run: ${gone === 1 ? "it is" : "they are"} given up for good and replaced`}. Continue?`);
  const done = await (await askOwner(target, "POST", `subnets/recover?id=${id}`)).json() as { readonly height: number; readonly lost: readonly string[]; readonly replacements: readonly string[] };
  return { text: `The subnet ${short(id)} goes on from height ${done.height}${done.replacements.length === 0 ? "" : `, with ${done.replacements.map(short).join(" ")} in the place of ${done.lost.map(short).join(" ")}`}.`, data: { subnet: id, ...done } };
}
