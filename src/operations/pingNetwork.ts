import { setTimeout as delay } from "node:timers/promises";
import { statusDocument } from "../client/statusDocument.ts";
import type { CommandContext, Shown } from "../context/context.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { probe } from "../network/probe.ts";
import { networkName, networkUrl, type NetworkName } from "./networkUrl.ts";

const PATIENCE_MS = 60_000, PAUSE_MS = 200;

/** `icx network ping`: the status document of the network; waiting, it asks until the network is healthy, for a minute. @throws IcxError ICX1009, ICX1012, ICX2001, ICX2004 */
export async function pingNetwork(context: CommandContext, { waitHealthy, ...asked }: NetworkName & { readonly waitHealthy: boolean }): Promise<Shown> {
  const name = networkName(context, asked);
  for (const deadline = performance.now() + PATIENCE_MS; ;) {
    const url = networkUrl(context, name), found = url === undefined ? undefined : await probe(url), status = found?.kind === "network" ? statusDocument(found.status) : undefined;
    const healthy = status?.["replica_health_status"] === "healthy";
    if (status !== undefined && (healthy || !waitHealthy)) return { text: JSON.stringify(status, undefined, 2).replace(/\[\s+([\d,\s]+?)\s+\]/g, (_, list: string) => `[${list.replace(/\s+/g, " ")}]`), data: status };
    if (!waitHealthy || performance.now() > deadline || context.io.interrupted.aborted) throw url === undefined ? new IcxError(ERRORS.network.notStarted) : new IcxError(ERRORS.network.notRunning, { url });
    await delay(PAUSE_MS, undefined, { signal: context.io.interrupted }).catch(() => undefined);
  }
}
