import { askOwner } from "../client/askOwner.ts";
import type { CommandContext, Shown } from "../context/context.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { runningTarget } from "./nodes.ts";
import { subnetNamed } from "./subnets.ts";
import { short } from "../ui/shortId.ts";

/** `icx subnet upgrade`: resolves when all nodes of the subnet that run have changed to the version. @throws IcxError ICX2008, ICX2021, ICX2026 */
export async function upgradeSubnet(context: CommandContext, text: string, version: string | undefined): Promise<Shown> {
  const target = await runningTarget(context, "icx subnet"), { id } = await subnetNamed(target, text, "icx subnet upgrade");
  const { versions, newest } = await (await askOwner(target, "GET", "subnets/versions")).json() as { readonly versions: readonly { readonly name: string; readonly description: string }[]; readonly newest: string };
  const wanted = versions.find(({ name }) => name === (version ?? newest));
  if (wanted === undefined) throw new IcxError(ERRORS.network.unknownReplicaVersion, { id, version: version ?? newest, known: versions.map(({ name }) => name).join(" and ") });
  const done = await (await askOwner(target, "POST", `subnets/upgrade?id=${id}&version=${encodeURIComponent(wanted.name)}`)).json() as { readonly from: string; readonly version: string; readonly height: number };
  return { text: done.from === done.version ? `The subnet ${short(id)} runs the replica version ${done.version} already.` : `The subnet ${short(id)} goes on with the replica version ${done.version} in the place of ${done.from}: ${wanted.description}.`, data: { subnet: id, ...done } };
}
