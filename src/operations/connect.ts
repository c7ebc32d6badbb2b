import type { CommandContext } from "../context/context.ts";
import type { Trace } from "../context/events.ts";
import type { UserIdentity } from "../context/identity.ts";
import type { NetworkTarget } from "../context/network.ts";
import type { Project } from "../context/project.ts";
import { createClient, type NetworkClient } from "../client/createClient.ts";
import { canisterIds } from "../project/canisterIds.ts";
import { locate, type ConnectOptions, type Location } from "./locate.ts";

export type { ConnectOptions } from "./locate.ts";

/** A command's connection: a place, and the client for it. */
export interface Connection extends Location { readonly client: NetworkClient }

/** Finds the network and opens the identity. @throws IcxError 1xxx, 2xxx, 3xxx */
export async function connect(context: Pick<CommandContext, "io" | "ui" | "options">, options: ConnectOptions): Promise<Connection> {
  const { target, project, identity } = await locate(context, options);
  return connectTo(target, project, identity, context.ui.trace);
}

/** The same for a network that is known already. */
export const connectTo = (target: NetworkTarget, project: Project | undefined, identity: UserIdentity, trace?: Trace): Connection =>
  ({ project, target, identity, client: createClient(target, identity, trace), ids: canisterIds(target.idsFile, target.rootKey) });
