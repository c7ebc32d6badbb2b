import type { CommandContext, Shown } from "../context/context.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { readDescriptor } from "../network/descriptor.ts";
import { isRunning } from "../network/probe.ts";
import { networkHome } from "./startLocalNetwork.ts";

/** `icx network status`: the keys of icp-cli's `network status --json`, and what icx knows besides. @throws IcxError ICX2004 */
export async function networkStatus(context: CommandContext): Promise<Shown> {
  const { place } = networkHome(context), descriptor = readDescriptor(place.descriptor);
  if (descriptor === undefined || !(await isRunning(descriptor))) throw new IcxError(ERRORS.network.notStarted);
  const { url, port, pid, rootKey, stateDir, startedAt, log } = descriptor;
  return {
    text: [`Url: ${url}`, `Root key: ${rootKey}`, `Pid: ${pid}`, `State: ${stateDir ?? "in memory"}`, `Log: ${log ?? place.log}`, `Since: ${startedAt}`].join("\n"),
    data: { managed: true, api_url: url, gateway_url: url, root_key: rootKey, port, pid, stateDir, log: log ?? place.log, startedAt },
  };
}
