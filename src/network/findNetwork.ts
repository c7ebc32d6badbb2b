import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { NetworkTarget } from "../context/network.ts";
import type { ProjectNetwork } from "../context/project.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { readDescriptor, type Descriptor } from "./descriptor.ts";
import { lockHolder } from "./lock.ts";
import { networkFolder, type NetworkFolder } from "./networkFolder.ts";
import { isOf, probe } from "./probe.ts";
import { quickFetch } from "./quickFetch.ts";
import { mainnetRootKey, rootKeyOf } from "./rootKey.ts";
import { verifyBls } from "./verifyBls.ts";

const MAINNET = { name: "ic", url: "https://icp-api.io", rootKey: mainnetRootKey, managed: false, verifyBls };

/** For a network that runs and does not answer at once. */
const PATIENCE_MS = 10_000;

/** Where the local network of a run lives: in its project, or outside of one in the user's folder. */
export interface LocalHome { readonly root: string; readonly inProject: boolean }
/** What names a network on the command line. */
export interface NetworkChoice { readonly network: string | undefined; readonly rootKey: string | undefined; /** An option that only the local network understands, when one is given. */ readonly localOnly?: string | undefined }

/**
 * The network that a command talks to: a URL, a name of the project, `ic`, or (by default) the local network that lives below `root`; that
 * one may be stopped. Nothing is sent to another network than the local one when an option is for that alone. @throws IcxError ICX1009, ICX2004, ICX2010, ICX2011, ICX2017, ICX2027
 */
export async function findNetwork({ root, inProject }: LocalHome, networks: readonly ProjectNetwork[], choice: NetworkChoice): Promise<NetworkTarget> {
  const name = choice.network ?? "local", isLocal = !/^https?:\/\//.test(name) && (networks.find((network) => network.name === name)?.managed ?? name === "local");
  if (choice.localOnly !== undefined && !isLocal) throw new IcxError(ERRORS.network.localOnly, { option: choice.localOnly, network: name });
  if (/^https?:\/\//.test(name)) return await remote(name, name, choice.rootKey);
  const known = networks.find((network) => network.name === name);
  if (known !== undefined && !known.managed) return await remote(name, known.url!, choice.rootKey ?? known.rootKey, root);
  if (known === undefined && name === "ic") return MAINNET;
  if (known === undefined && name !== "local") throw new IcxError(ERRORS.project.unknownNetwork, { name });
  const running = await findRunning(networkFolder(root));
  if (running !== undefined) return managedTarget(root, running);
  if (!inProject && !existsSync(networkFolder(root).state)) throw new IcxError(ERRORS.network.notStarted);
  return { name: "local", url: "http://icx.localhost", rootKey: new Uint8Array(), managed: true, idsFile: networkFolder(root).ids, stopped: true };
}

/** The network of a folder, if it answers; one that is busy is given time. A killed process's announcement counts for nothing. @throws IcxError ICX2011, ICX2027 */
export async function findRunning(place: NetworkFolder): Promise<Descriptor | undefined> {
  const descriptor = readDescriptor(place.descriptor);
  if (descriptor === undefined) return undefined;
  const first = await probe(descriptor.url);
  if (isOf(first, descriptor)) return descriptor;
  if (lockHolder(place.lock)?.pid !== descriptor.pid) return undefined;
  const found = first.kind === "nothing" && first.silent ? await probe(descriptor.url, PATIENCE_MS) : first;
  if (isOf(found, descriptor)) return descriptor;
  if (found.kind === "network") throw new IcxError(ERRORS.network.rootKeyChanged, { url: descriptor.url });
  if (found.kind === "nothing" && found.silent) throw new IcxError(ERRORS.network.silent, { pid: descriptor.pid, url: descriptor.url, log: descriptor.log ?? place.log });
  return undefined;
}

/** The project's running local network as a target. */
export const managedTarget = (root: string, { url, rootKey, effectiveCanisterId, stateDir }: Descriptor): NetworkTarget => ({
  name: "local", url, rootKey: Uint8Array.from(Buffer.from(rootKey, "hex")), managed: true, effectiveCanisterId, verifyBls, fetch: quickFetch, ownerFetch: ownerFetch(networkFolder(root).adminToken), idsFile: stateDir === undefined ? networkFolder(root).ephemeralIds : networkFolder(root).ids,
});

/** Shows the token of the network that runs now with every request. */
const ownerFetch = (tokenFile: string): typeof globalThis.fetch => (input, init) => {
  const request = new Request(input, init);
  request.headers.set("authorization", `Bearer ${readFileSync(tokenFile, "utf8").trim()}`);
  return fetch(request);
};

async function remote(name: string, url: string, given: string | undefined, root?: string): Promise<NetworkTarget> {
  const rootKey = await rootKeyOf(given, url);
  return { name, url, rootKey, managed: false, verifyBls, ...(root === undefined ? {} : { idsFile: join(root, ".icx", "ids", `${encodeURIComponent(name)}.json`) }) };
}
