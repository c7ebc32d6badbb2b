import type { CommandContext } from "../context/context.ts";
import type { UserIdentity } from "../context/identity.ts";
import type { NetworkTarget } from "../context/network.ts";
import type { Project } from "../context/project.ts";
import { configFolder } from "../identity/configFolder.ts";
import { openIdentity } from "../identity/identityStore.ts";
import { findNetwork, type NetworkChoice } from "../network/findNetwork.ts";
import { canisterIds, type CanisterIds, type Keeping } from "../project/canisterIds.ts";
import { chooseEnvironment, type Place } from "../project/chooseEnvironment.ts";
import { idMirror } from "../project/idMirror.ts";
import { inEnvironment } from "../project/inEnvironment.ts";
import { findProjectRoot, readProject, type ProjectContext } from "../project/loadProject.ts";
import { refuseRemote } from "../project/refuseRemote.ts";

/** What the options of a command that talks to a network say. */
export interface ConnectOptions extends NetworkChoice { readonly environment?: string | undefined; readonly identity: string | undefined; /** The command settles itself which id a name has: two different ones are no error. */ readonly acceptIds?: boolean }

/** Who speaks, to which network, about which project. */
export interface Location {
  /** As its environment has it. */
  readonly project: Project | undefined;
  /** The project's environment; outside of one, and for a URL, the network's name. */
  readonly environment: string;
  /** Name or URL of the network, as it was asked for. */
  readonly network: string;
  /** The folder that the local network lives below. */
  readonly home: string;
  readonly target: NetworkTarget;
  readonly identity: UserIdentity;
  readonly ids: CanisterIds;
}

/** Finds the network and opens the identity; what the network is not asked needs no client, which takes its time to load. @throws IcxError 1xxx, 2xxx, 3xxx */
export async function locate(context: ProjectContext, options: ConnectOptions): Promise<Location> {
  const root = findProjectRoot(context), whole = root === undefined ? undefined : readProject(context).project, { env } = context.io;
  const place = chooseEnvironment(whole, options, env), home = { root: root ?? configFolder(env), inProject: root !== undefined };
  refuseRemote(place.network, whole?.networks ?? []);
  const fetched = whole?.networks.find(({ name }) => name === place.network)?.fetchRootKey === true ? "fetch" : undefined;
  const target = await findNetwork(home, whole?.networks ?? [], { network: place.network, rootKey: options.rootKey ?? fetched, localOnly: options.localOnly });
  const project = whole === undefined ? undefined : place.defined ? inEnvironment(whole, place.environment) : { ...whole, environment: place.environment };
  return { project, environment: place.environment, network: place.network, home: home.root, target, identity: openIdentity(env, options.identity), ids: knownIds(project, place, target) };
}

/** Which names a project's environment has on a network, and the file of icp-cli or dfx that says the same. Networks that are given by URL have none. */
export function keeping(project: Project | undefined, { environment, network }: Pick<Place, "environment" | "network">, rootKey: Uint8Array): Keeping {
  return { ...(environment !== network && { environment }), ...(project !== undefined && !/^https?:/.test(network) && { mirror: idMirror(project, { environment, network, rootKey }) }) };
}

/** What the network knows; what only the mapping file knows may be asked for, the network is not asked here. */
function knownIds(project: Project | undefined, place: Place, target: NetworkTarget): CanisterIds {
  const kept = keeping(project, place, target.rootKey), ids = canisterIds(target.idsFile, target.stopped === true ? undefined : target.rootKey, kept);
  const all = (): Readonly<Record<string, string>> => ({ ...(target.managed ? {} : kept.mirror?.read()), ...ids.all() });
  return { ...ids, all, get: (name) => { const found = all(); return Object.hasOwn(found, name) ? found[name] : undefined; } };
}
