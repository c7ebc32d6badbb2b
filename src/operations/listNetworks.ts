import type { CommandContext, Shown } from "../context/context.ts";
import { networkNames } from "./networkUrl.ts";

/** `icx network list`, one name a line as icp-cli prints them. */
export async function listNetworks(context: CommandContext): Promise<Shown> {
  const networks = networkNames(context);
  return { text: networks.join("\n"), data: { networks } };
}
