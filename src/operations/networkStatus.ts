import type { CommandContext, Shown } from "../context/context.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { findRunning } from "../network/findNetwork.ts";
import type { ProjectNetwork } from "../context/project.ts";
import { findProjectRoot, loadProject } from "../project/loadProject.ts";
import { networkName, networkUrl, type NetworkName } from "./networkUrl.ts";
import { networkHome } from "./startLocalNetwork.ts";

/** `icx network status`: the keys of icp-cli's `network status --json`, and what icx knows besides. Of a network that icx does not run: where it is. @throws IcxError ICX1009, ICX1012, ICX2004, ICX2011, ICX2027 */
export async function networkStatus(context: CommandContext, asked: NetworkName): Promise<Shown> {
  const name = networkName(context, asked), other = findProjectRoot(context) === undefined ? undefined : loadProject(context).networks.find((network) => network.name === name && !network.managed);
  if (other !== undefined) return connectedStatus(other);
  networkUrl(context, name); // refuses what is no network
  const { place } = networkHome(context), descriptor = await findRunning(place);
  if (descriptor === undefined) throw new IcxError(ERRORS.network.notStarted);
  const { url, port, pid, rootKey, stateDir, startedAt, log } = descriptor;
  return {
    text: [`Url: ${url}`, `Root key: ${rootKey}`, `Pid: ${pid}`, `State: ${stateDir ?? "in memory"}`, `Log: ${log ?? place.log}`, `Since: ${startedAt}`].join("\n"),
    data: { managed: true, api_url: url, gateway_url: url, root_key: rootKey, port, pid, stateDir, log: log ?? place.log, startedAt },
  };
}

function connectedStatus({ url = "", rootKey }: ProjectNetwork): Shown {
  return {
    text: [`Url: ${url}`, `Root key: ${rootKey ?? "unknown"}`].join("\n"),
    data: { managed: false, api_url: url, gateway_url: url, root_key: rootKey ?? null, root_key_source: rootKey === undefined ? null : "configured" },
  };
}
