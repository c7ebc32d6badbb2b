import type { CommandContext } from "../context/context.ts";
import type { UserIdentity } from "../context/identity.ts";
import type { NetworkTarget } from "../context/network.ts";
import type { Project } from "../context/project.ts";
import { configFolder } from "../identity/configFolder.ts";
import { openIdentity } from "../identity/identityStore.ts";
import { findNetwork, type NetworkChoice } from "../network/findNetwork.ts";
import { canisterIds, type CanisterIds } from "../project/canisterIds.ts";
import { findProjectRoot, loadProject } from "../project/loadProject.ts";

/** What the options of a command that talks to a network say. */
export interface ConnectOptions extends NetworkChoice { readonly identity: string | undefined }

/** Who speaks, to which network, about which project. */
export interface Location {
  readonly project: Project | undefined;
  /** The folder that the local network lives below. */
  readonly home: string;
  readonly target: NetworkTarget;
  readonly identity: UserIdentity;
  readonly ids: CanisterIds;
}

/** Finds the network and opens the identity; what the network is not asked needs no client, which takes its time to load. @throws IcxError 1xxx, 2xxx, 3xxx */
export async function locate(context: Pick<CommandContext, "io" | "options">, options: ConnectOptions): Promise<Location> {
  const root = findProjectRoot(context), project = root === undefined ? undefined : loadProject(context), { env } = context.io;
  const home = { root: root ?? configFolder(env), inProject: root !== undefined };
  const target = await findNetwork(home, project?.networks ?? [], { network: options.network ?? env["ICX_NETWORK"] ?? env["ICP_NETWORK"] ?? env["DFX_NETWORK"], rootKey: options.rootKey });
  return { project, home: home.root, target, identity: openIdentity(env, options.identity), ids: canisterIds(target.idsFile, target.stopped === true ? undefined : target.rootKey) };
}
