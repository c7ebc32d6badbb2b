import type { AdminRow } from "./adminDoor.ts";
import { jsonAnswer, textAnswer } from "./answer.ts";

/** The links between the nodes of one subnet as its owner sees them; ids are texts, delays milliseconds: each transmission takes `delayMs` ± `jitterMs`. */
export interface LinkStatus { readonly subnet: string; readonly subnetType: string; readonly delayMs: number; readonly jitterMs: number; /** Nodes that reach each other, as sets of ids; one set when nothing is cut. */ readonly groups: readonly (readonly string[])[] }

/** What the door may do with links; `subnet` undefined means all. Subnets of one node have none. */
export interface LinkControl {
  list(): readonly LinkStatus[];
  /** These nodes against the others of their subnets. False when an id is no node's. */
  partition(nodes: readonly string[]): boolean | Promise<boolean>;
  heal(subnet: string | undefined): void | Promise<void>;
  delay(delayMs: number, jitterMs: number, subnet: string | undefined): void | Promise<void>;
}

/** A day: longer delays are mistakes. */
const DELAY_MAX_MS = 86_400_000;

function milliseconds(text: string | null): number | undefined {
  const value = Number(text ?? "0");
  return text !== "" && Number.isFinite(value) && value >= 0 && value <= DELAY_MAX_MS ? value : undefined;
}

/** `GET /_icx/links`; `POST /_icx/links/partition?nodes=<node>,<node>`, `/_icx/links/heal` and `/_icx/links/delay?ms=50&jitter=10`, the last two with `&subnet=<subnet>` for one alone. */
export function adminLinks(links: LinkControl): readonly AdminRow[] {
  const ofSubnet = async (url: URL, act: (subnet: string | undefined) => void | Promise<void>): Promise<ReturnType<typeof jsonAnswer>> => {
    const subnet = url.searchParams.get("subnet") ?? undefined;
    if (subnet !== undefined && !links.list().some((known) => known.subnet === subnet)) return textAnswer(404, "The network has no such subnet with links between nodes.");
    await act(subnet);
    return jsonAnswer(200, links.list());
  };
  return [
    { method: "GET", path: "links", summary: "The links between the nodes of each subnet", respond: () => jsonAnswer(200, links.list()) },
    {
      method: "POST", path: "links/partition", summary: "Cut nodes off from the others of their subnets: `?nodes=<node>,<node>`",
      async respond(_network, _body, url) {
        const nodes = (url.searchParams.get("nodes") ?? "").split(",").filter((id) => id !== "");
        return nodes.length > 0 && await links.partition(nodes) ? jsonAnswer(200, links.list()) : textAnswer(404, "The network has no such node.");
      },
    },
    { method: "POST", path: "links/heal", summary: "Join all links that were cut", respond: (_network, _body, url) => ofSubnet(url, (subnet) => links.heal(subnet)) },
    {
      method: "POST", path: "links/delay", summary: "Delay what nodes send each other, in milliseconds: `?ms=50&jitter=10`",
      respond(_network, _body, url) {
        const delay = milliseconds(url.searchParams.get("ms")), jitter = milliseconds(url.searchParams.get("jitter"));
        return delay === undefined || jitter === undefined ? textAnswer(400, "Delays are milliseconds, from 0 to a day.") : ofSubnet(url, (subnet) => links.delay(delay, jitter, subnet));
      },
    },
  ];
}
