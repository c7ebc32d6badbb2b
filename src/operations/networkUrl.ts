import type { CommandContext } from "../context/context.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { readDescriptor } from "../network/descriptor.ts";
import { findProjectRoot, loadProject } from "../project/loadProject.ts";
import { networkHome } from "./startLocalNetwork.ts";

const MAINNET_URL = "https://icp-api.io";

/** Where a network answers, by its name in the project or by URL; undefined for a managed one that has not been started. @throws IcxError ICX1009 */
export function networkUrl(context: CommandContext, name: string = context.io.env["ICX_NETWORK"] ?? context.io.env["ICP_NETWORK"] ?? context.io.env["DFX_NETWORK"] ?? "local"): string | undefined {
  if (/^https?:\/\//.test(name)) return name;
  const known = findProjectRoot(context) === undefined ? undefined : loadProject(context).networks.find((network) => network.name === name);
  if (known?.url !== undefined) return known.url;
  if (known === undefined && name === "ic") return MAINNET_URL;
  if (known === undefined && name !== "local") throw new IcxError(ERRORS.project.unknownNetwork, { name });
  return readDescriptor(networkHome(context).place.descriptor)?.url;
}

/** Names of the networks that can be asked for here: the project's, and the two that are always there. */
export function networkNames(context: CommandContext): readonly string[] {
  const own = findProjectRoot(context) === undefined ? [] : loadProject(context).networks.map(({ name }) => name);
  return [...new Set(["ic", "local", ...own])].sort();
}
