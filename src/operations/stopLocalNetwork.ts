import type { CommandContext, Shown } from "../context/context.ts";
import { stopNetwork } from "../network/stopNetwork.ts";
import { networkHome } from "./startLocalNetwork.ts";

/** `icx stop`. Stopping what does not run is done already. @throws IcxError ICX2006 */
export async function stopLocalNetwork(context: CommandContext): Promise<Shown> {
  const stopped = await stopNetwork(networkHome(context).place);
  return stopped === undefined
    ? { text: "The network was not running.", data: { stopped: false } }
    : { text: `Stopped the network (pid ${stopped.pid}); its state is kept.`, data: { stopped: true, pid: stopped.pid } };
}
