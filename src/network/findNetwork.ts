import type { NetworkTarget } from "../context/network.ts";
import type { ProjectNetwork } from "../context/project.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { readDescriptor, type Descriptor } from "./descriptor.ts";
import { networkFolder } from "./networkFolder.ts";
import { isRunning, probe } from "./probe.ts";

/** DER of mainnet's root key (interface spec, "Certification", "root public key"). */
const MAINNET_ROOT_KEY = "308182301d060d2b0601040182dc7c0503010201060c2b0601040182dc7c05030201036100814c0e6ec71fab583b08bd81373c255c3c371b2e84863c98a4f1e08b74235d14fb5d9c0cd546d9685f913a0c0b2cc5341583bf4b4392e467db96d65b9bb4cb717112f8472e0d5a4d14505ffd7484b01291091c5f87b98883463f98091a0baaae";
const MAINNET = { name: "ic", url: "https://icp-api.io", rootKey: Buffer.from(MAINNET_ROOT_KEY, "hex"), managed: false };

/** What names a network on the command line. */
export interface NetworkChoice { readonly network: string | undefined; readonly rootKey: string | undefined }

/** The network that a command talks to: a URL, a name of the project, `ic`, or (by default) the project's own local network. @throws IcxError ICX1009, ICX2004, ICX2010 */
export async function findNetwork(root: string | undefined, networks: readonly ProjectNetwork[], choice: NetworkChoice): Promise<NetworkTarget> {
  const name = choice.network ?? "local";
  if (/^https?:\/\//.test(name)) return remote(name, name, choice.rootKey);
  const known = networks.find((network) => network.name === name);
  if (known !== undefined && !known.managed) return remote(name, known.url!, choice.rootKey ?? known.rootKey, root);
  if (known === undefined && name === "ic") return MAINNET;
  if (known === undefined && name !== "local") throw new IcxError(ERRORS.project.unknownNetwork, { name });
  const place = networkFolder(root ?? "."), descriptor = root === undefined ? undefined : readDescriptor(place.descriptor);
  if (descriptor === undefined) throw new IcxError(ERRORS.network.notStarted);
  if (!(await isRunning(descriptor))) throw (await probe(descriptor.url)).kind === "network" ? new IcxError(ERRORS.network.rootKeyChanged, { url: descriptor.url }) : new IcxError(ERRORS.network.notStarted);
  return managedTarget(root!, descriptor);
}

/** The project's running local network as a target. */
export const managedTarget = (root: string, { url, rootKey, effectiveCanisterId }: Descriptor): NetworkTarget =>
  ({ name: "local", url, rootKey: Uint8Array.from(Buffer.from(rootKey, "hex")), managed: true, effectiveCanisterId, idsFile: networkFolder(root).ids });

function remote(name: string, url: string, rootKey: string | undefined, root?: string): NetworkTarget {
  if (rootKey === undefined || !/^([\da-fA-F]{2})+$/.test(rootKey)) throw new IcxError(ERRORS.network.noRootKey, { url });
  return { name, url, rootKey: Uint8Array.from(Buffer.from(rootKey, "hex")), managed: false, ...(root === undefined ? {} : { idsFile: `${root}/.icx/ids/${encodeURIComponent(name)}.json` }) };
}
