import { type CanisterId, NANOSECONDS_PER_MS, hexFromBytes, principalToText } from "../../types/index.ts";
import type { NetworkView } from "../../interfaces/subnet.ts";

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

/** Everything on the page is public (`read_state` tells it to anybody), except names, which are the project's, and lines. */
export function pageFacts(network: NetworkView, version: string, { names, lines, trusted }: PageSource): PageFacts {
  const known = names(), nameOf = (id: string): string | undefined => (Object.hasOwn(known, id) ? known[id] : undefined);
  const subnets = network.subnets.map((subnet) => {
    const { canisters, time } = subnet.certifiedState(), shown: PageCanister[] = [];
    for (const [canister, { execution }] of canisters) {
      if (shown.length === CANISTERS_MAX) break;
      const id = principalToText(canister);
      shown.push({ id, name: nameOf(id), moduleHash: execution && hexFromBytes(execution.moduleHash) });
    }
    return { id: principalToText(subnet.subnetId), type: subnet.type, health: subnet.health, height: subnet.certifiedHeight, time: instant(time), canisters: shown, more: canisters.size - shown.length };
  });
  const isPublic = (canister: CanisterId): boolean => network.subnetOf(canister)?.certifiedState().canisters.get(canister)?.system.settings.logVisibility.kind === "public";
  const log = lines().filter(({ canister }) => trusted || isPublic(canister)).slice(-LINES_MAX)
    .map(({ canister, timeNanos, text }) => ({ time: instant(timeNanos), canister: principalToText(canister), name: nameOf(principalToText(canister)), text }));
  return { version, rootKey: hexFromBytes(network.rootKey), subnets, log };
}
