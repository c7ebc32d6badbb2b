import type { CommandContext } from "../context/context.ts";
import type { Trace } from "../context/events.ts";
import type { UserIdentity } from "../context/identity.ts";
import type { NetworkTarget } from "../context/network.ts";
import type { Project } from "../context/project.ts";
import { createClient, type NetworkClient } from "../client/createClient.ts";
import { openIdentity } from "../identity/identityStore.ts";
import { findNetwork, type NetworkChoice } from "../network/findNetwork.ts";
import { canisterIds, type CanisterIds } from "../project/canisterIds.ts";
import { findProjectRoot, loadProject } from "../project/loadProject.ts";

/** What the options of a command that talks to a network say. */
export interface ConnectOptions extends NetworkChoice { readonly identity: string | undefined }

/** A command's connection: who speaks, to which network, about which project. */
export interface Connection {
  readonly project: Project | undefined;
  readonly target: NetworkTarget;
  readonly identity: UserIdentity;
  readonly client: NetworkClient;
  readonly ids: CanisterIds;
}

/** Finds the network and opens the identity. @throws IcxError 1xxx, 2xxx, 3xxx */
export async function connect(context: Pick<CommandContext, "io" | "ui" | "options">, options: ConnectOptions): Promise<Connection> {
  const root = findProjectRoot(context), project = root === undefined ? undefined : loadProject(context), { env } = context.io;
  const target = await findNetwork(root, project?.networks ?? [], { network: options.network ?? env["ICX_NETWORK"] ?? env["ICP_NETWORK"] ?? env["DFX_NETWORK"], rootKey: options.rootKey });
  return connectTo(target, project, openIdentity(env, options.identity), context.ui.trace);
}

/** The same for a network that is known already. */
export const connectTo = (target: NetworkTarget, project: Project | undefined, identity: UserIdentity, trace?: Trace): Connection =>
  ({ project, target, identity, client: createClient(target, identity, trace), ids: canisterIds(target.idsFile, target.rootKey) });
