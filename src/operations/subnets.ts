import { askOwner } from "../client/askOwner.ts";
import type { NetworkTarget } from "../context/network.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { nearest } from "../errors/nearest.ts";
import { short } from "./nodes.ts";

/** A subnet as the network's admin door tells it. */
export interface Subnet { readonly id: string; readonly type: string; readonly health: string; readonly certifiedHeight: number }

export const readSubnets = async (target: NetworkTarget): Promise<readonly Subnet[]> => (await (await askOwner(target, "GET", "status")).json() as { readonly subnets: readonly Subnet[] }).subnets;

/** The subnet that a text names: its id or the beginning of it. @throws IcxError ICX2021 */
export async function subnetNamed(target: NetworkTarget, text: string, command: string): Promise<Subnet> {
  const subnets = await readSubnets(target), [found, another] = subnets.filter(({ id }) => id.startsWith(text.toLowerCase()));
  if (found !== undefined && another === undefined && text !== "") return found;
  const close = nearest(text, subnets.map(({ id }) => short(id)));
  throw new IcxError(ERRORS.network.unknownSubnet, { text, suggestion: close === undefined ? "`icx subnet list` shows them." : `Did you mean \`${command} ${close}\`?` });
}
