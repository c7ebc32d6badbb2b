import type { CommandContext, Shown } from "../context/context.ts";
import { stopNetwork } from "../network/stopNetwork.ts";
import { networkHome } from "./startLocalNetwork.ts";

/** `icx stop`. Stopping what does not run is done already. @throws IcxError ICX2006 */
export async function stopLocalNetwork(context: CommandContext): Promise<Shown> {
  const stopped = await stopNetwork(networkHome(context).place);
  return stopped === undefined
    ? { text: "The network was not running.", data: { stopped: false } }
    : { text: `Stopped the network (pid ${stopped.pid}); ${stopped.kept ? "its state is kept" : "it kept no state"}.`, data: { stopped: true, pid: stopped.pid } };
}
