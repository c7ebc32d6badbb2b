import type { CommandContext } from "../context/context.ts";
import type { Trace } from "../context/events.ts";
import type { UserIdentity } from "../context/identity.ts";
import type { NetworkTarget } from "../context/network.ts";
import type { Project } from "../context/project.ts";
import { IcxError } from "../errors/icxError.ts";
import { createClient, type NetworkClient } from "../client/createClient.ts";
import { madeOf } from "../network/madeNetwork.ts";
import { canisterIds, type Keeping } from "../project/canisterIds.ts";
import { keeping, locate, type ConnectOptions, type Location } from "./locate.ts";
import { reconcileIds } from "./reconcileIds.ts";
import { waiting } from "./waiting.ts";

export type { ConnectOptions } from "./locate.ts";

/** A command's connection: a place, and the client for it. */
export interface Connection extends Omit<Location, "home"> { readonly client: NetworkClient }

/**
 * Finds the network and opens the identity. The project's own network need not run: then its state is opened in this process until the command
 * ends. @throws IcxError 1xxx, 2xxx, 3xxx
 */
export async function connect(context: Pick<CommandContext, "io" | "ui" | "options" | "atEnd">, options: ConnectOptions): Promise<Connection> {
  const { target: found, project, identity, home, network, environment } = await locate(context, options);
  const target = found.stopped === true ? await openStopped(context, home, project) : found, kept = keeping(project, { environment, network }, target.rootKey);
  const connection = { ...connectTo(target, project, identity, context.ui.trace, kept), environment, network };
  await reconcileIds(connection, kept.mirror, options.acceptIds === true);
  return connection;
}

/** The same for a network that is known already. */
export const connectTo = (target: NetworkTarget, project: Project | undefined, identity: UserIdentity, trace?: Trace, kept?: Keeping): Connection =>
  ({ project, target, network: target.name, environment: target.name, identity, client: createClient(target, identity, trace), ids: canisterIds(target.idsFile, target.rootKey, kept) });

/** The same connection in the name of anybody: the local network takes its owner's word for it. */
export function actingAs(connection: Connection, principal: string, trace?: Trace): Connection {
  const identity: UserIdentity = { name: principal, principal, unsigned: true, sign: () => new Uint8Array() };
  return { ...connection, identity, client: createClient(connection.target, identity, trace) };
}

async function openStopped(context: Pick<CommandContext, "io" | "ui" | "atEnd">, home: string, project: Project | undefined): Promise<NetworkTarget> {
  const { ui } = context, { openState } = await import("../network/openState.ts"), warn = (text: string): void => ui.report({ kind: "warning", text });
  const opening = openState(home, { ...waiting(context), warn, made: madeOf(project?.networks.find(({ name, managed }) => managed && name === "local")), ...(ui.trace !== undefined && { onRoom: ui.trace.line }) });
  context.atEnd(async () => {
    const opened = await opening.catch(() => undefined); // told by whoever waits for it
    // Whatever was answered is in the journal: a checkpoint that cannot be written loses nothing.
    try { await opened?.close(); } catch (error) { warn(error instanceof IcxError ? `${error.message} ${error.hint}` : String(error)); }
  });
  const { target, here } = await opening;
  if (here) ui.report({ kind: "note", text: "The network is not running: its state is used directly. `icx start --background` keeps it running." });
  return target;
}
