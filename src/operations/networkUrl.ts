import type { CommandContext } from "../context/context.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { readDescriptor } from "../network/descriptor.ts";
import { chooseEnvironment } from "../project/chooseEnvironment.ts";
import { findProjectRoot, loadProject } from "../project/loadProject.ts";
import { networkHome } from "./startLocalNetwork.ts";

const MAINNET_URL = "https://icp-api.io";

/** How a verb about networks is told which one: a name or URL, or an environment. */
export interface NetworkName { readonly name: string | undefined; readonly environment?: string | undefined }

/** Which network is meant: the one named, else the environment's. @throws IcxError ICX1003, ICX1012 */
export function networkName(context: CommandContext, { name, environment }: NetworkName): string {
  const project = findProjectRoot(context) === undefined ? undefined : loadProject(context);
  return chooseEnvironment(project, name === undefined ? { environment } : { network: name }, context.io.env).network; // an explicit name wins, as with icp-cli
}

/** Where a network answers, by its name in the project or by URL; undefined for a managed one that has not been started. @throws IcxError ICX1009 */
export function networkUrl(context: CommandContext, name: string): string | undefined {
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
