import { askOwner } from "../client/askOwner.ts";
import type { CommandContext, Shown } from "../context/context.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { runningPlace } from "./nodes.ts";
import { resolveCanister } from "./resolveCanister.ts";
import { subnetNamed } from "./subnets.ts";
import { short } from "../ui/shortId.ts";

/** What `icx subnet split` was told. */
export interface SplitInput { readonly subnet: string; readonly canisters: readonly string[]; readonly ranges: readonly string[]; readonly nodes: bigint | undefined }

/** `icx subnet split`: asks first, for both halves stand still for a moment. @throws IcxError ICX1007, ICX2004, ICX2021, ICX2025, ICX5001, ICX5008, ICX5009, ICX5010 */
export async function splitSubnet(context: CommandContext, { subnet: text, nodes, ...named }: SplitInput): Promise<Shown> {
  const [canisters, ranges] = [named.canisters, named.ranges].map((lists) => lists.flatMap((list) => list.split(",").map((one) => one.trim()).filter((one) => one !== ""))) as [string[], string[]];
  if (canisters.length + ranges.length === 0) throw new IcxError(ERRORS.arguments.usage, { problem: "Name the canisters that go with `--canisters` or `--ranges`: `icx canister list` shows them.", command: "icx subnet split" });
  const wrong = ranges.find((range) => range.split(":").length !== 2);
  if (wrong !== undefined) throw new IcxError(ERRORS.arguments.usage, { problem: `\`${wrong}\` is no range of canister ids: two ids with a colon between them.`, command: "icx subnet split" });
  const place = await runningPlace(context, "icx subnet"), { target } = place, { id, role } = await subnetNamed(target, text, "icx subnet split");
  if (role === "root") throw new IcxError(ERRORS.network.unsplittable, { id: short(id), reason: "it is the root subnet" });
  const going = canisters.map((canister) => resolveCanister(place, canister));
  await context.ui.confirm(`The subnet ${short(id)} stops at its next catch-up package and goes on as two. Canisters answer again after some seconds. Continue?`);
  const query = new URLSearchParams([["id", id], ...going.map((one) => ["canister", one]), ...ranges.map((one) => ["range", one]), ...(nodes === undefined ? [] : [["nodes", String(nodes)]])]);
  const response = await askOwner(target, "POST", `subnets/split?${query}`, [409, 400]);
  if (!response.ok) throw new IcxError(ERRORS.network.unsplittable, { id: short(id), reason: await response.text() });
  const done = await response.json() as { readonly subnet: string; readonly destination: string; readonly height: number };
  return { text: `The subnet ${short(id)} goes on from height ${done.height}, and with it the new subnet ${done.destination}.\n\nNext:\n  icx subnet info ${short(done.destination)}`, data: done };
}
