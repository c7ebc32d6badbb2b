import { type CanisterId, NANOSECONDS_PER_MS, hexFromBytes, principalToText } from "../../types/index.ts";
import type { NetworkView, SubnetPage, SubnetView } from "../../interfaces/subnet.ts";

/** A line that a canister has printed. */
export interface PrintedLine { readonly canister: CanisterId; readonly timeNanos: bigint; readonly text: string }
/** What the page shows besides certified state. */
export interface PageSource {
  /** Canister id → name, as the network remembers them. */
  readonly names: () => Readonly<Record<string, string>>;
  /** The last lines that canisters printed, oldest first. */
  readonly lines: () => readonly PrintedLine[];
  /** Whether everybody who reaches the page may see every line; else those of canisters with public logs are shown. */
  readonly trusted: boolean;
}
/** What runs here, as a person wants to see it. */
export interface PageFacts {
  readonly version: string;
  readonly rootKey: string;
  readonly subnets: readonly { readonly id: string; readonly type: string; readonly health: string; readonly height: number; readonly time: string; readonly canisters: readonly PageCanister[]; readonly more: number }[];
  readonly log: readonly { readonly time: string; readonly canister: string; readonly name: string | undefined; readonly text: string }[];
}
export interface PageCanister { readonly id: string; readonly name: string | undefined; readonly moduleHash: string | undefined }

const CANISTERS_MAX = 200, LINES_MAX = 20;
const instant = (nanos: bigint): string => new Date(Number(nanos / NANOSECONDS_PER_MS)).toISOString();

/** What the page shows of one subnet. @param lines canisters of whom it is asked whether everybody may read their logs */
export function subnetPage(subnet: SubnetView, lines: readonly CanisterId[]): SubnetPage {
  const { canisters, time } = subnet.certifiedState(), shown: { readonly id: CanisterId; readonly moduleHash: Uint8Array | undefined }[] = [];
  for (const [id, { execution }] of canisters) {
    if (shown.length === CANISTERS_MAX) break;
    shown.push({ id, moduleHash: execution?.moduleHash });
  }
  return { time, canisters: shown, more: canisters.size - shown.length, publicLogs: lines.filter((id) => canisters.get(id)?.system.settings.logVisibility.kind === "public") };
}

/** Everything on the page is public (`read_state` tells it to anybody), except names, which are the project's, and lines. */
export async function pageFacts(network: NetworkView, version: string, { names, lines, trusted }: PageSource): Promise<PageFacts> {
  const known = names(), nameOf = (id: string): string | undefined => (Object.hasOwn(known, id) ? known[id] : undefined), printed = lines(), speakers = [...new Set(printed.map(({ canister }) => canister))];
  const pages = await Promise.all(network.subnets.map(async (facts) => {
    const view = network.subnet(facts.subnetId), page = view === undefined ? await network.elsewhere?.subnet(facts.subnetId)?.page(speakers) : subnetPage(view, speakers);
    return { facts, page: page ?? { time: 0n, canisters: [], more: 0, publicLogs: [] } };
  }));
  const subnets = pages.map(({ facts, page }) => ({
    id: principalToText(facts.subnetId), type: facts.type, health: facts.health, height: facts.certifiedHeight, time: instant(page.time), more: page.more,
    canisters: page.canisters.map(({ id, moduleHash }) => ({ id: principalToText(id), name: nameOf(principalToText(id)), moduleHash: moduleHash && hexFromBytes(moduleHash) })),
  }));
  const open = new Set(pages.flatMap(({ page }) => page.publicLogs));
  const log = printed.filter(({ canister }) => trusted || open.has(canister)).slice(-LINES_MAX)
    .map(({ canister, timeNanos, text }) => ({ time: instant(timeNanos), canister: principalToText(canister), name: nameOf(principalToText(canister)), text }));
  return { version, rootKey: hexFromBytes(network.rootKey), subnets, log };
}
