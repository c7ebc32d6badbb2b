import { rmSync } from "node:fs";
import { relative, resolve } from "node:path";
import type { CommandContext } from "../context/context.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { configFolder } from "../identity/configFolder.ts";
import { readDescriptor, type Descriptor } from "../network/descriptor.ts";
import { lockHolder } from "../network/lock.ts";
import { networkFolder, type NetworkFolder } from "../network/networkFolder.ts";
import { isRunning } from "../network/probe.ts";
import { canisterIds } from "../project/canisterIds.ts";
import { findProjectRoot, loadProject } from "../project/loadProject.ts";
import { showNetwork } from "../ui/showNetwork.ts";
import { icxVersion } from "./icxVersion.ts";

export interface StartInput {
  readonly port: number | undefined;
  readonly background: boolean;
  readonly clean: boolean;
  readonly ephemeral: boolean;
  readonly seed: string | undefined;
  /** Where this process's output goes, when it was started in the background. */
  readonly log: string | undefined;
}

/** Where the local network lives: in the project, or outside of one in the user's folder. */
export function networkHome(context: Pick<CommandContext, "io" | "options">): { readonly root: string; readonly place: NetworkFolder; readonly inProject: boolean } {
  const project = findProjectRoot(context), root = project ?? configFolder(context.io.env);
  return { root, place: networkFolder(root), inProject: project !== undefined };
}

/** `icx start`. In the foreground it returns when the network has stopped. @throws IcxError ICX2002, ICX2003, ICX2005, ICX2007 */
export async function startLocalNetwork(context: CommandContext, input: StartInput): Promise<void> {
  const { place, inProject } = networkHome(context);
  await refuseSecond(place);
  if (!inProject) context.ui.report({ kind: "note", text: `No project here: the network's state is kept in ${place.folder}.` });
  if (input.clean) await context.ui.confirm(`The network's state in ${relative(context.io.cwd, place.state) || place.state} will be moved aside. Continue?`);
  const port = input.port ?? (inProject ? loadProject(context).networks.find(({ name, managed }) => managed && name === "local")?.port : undefined);
  if (input.background) await inBackground(context, place, { ...input, port });
  else await inForeground(context, place, { ...input, port });
}

async function refuseSecond(place: NetworkFolder): Promise<void> {
  const descriptor = readDescriptor(place.descriptor), holder = lockHolder(place.lock);
  if (descriptor !== undefined && holder !== undefined && await isRunning(descriptor)) throw new IcxError(ERRORS.network.alreadyRunning, { url: descriptor.url, pid: descriptor.pid }, { details: { url: descriptor.url, pid: descriptor.pid } });
  if (descriptor !== undefined && holder === undefined) rmSync(place.descriptor, { force: true }); // its process was killed
}

async function inBackground({ io, ui, installation, options }: CommandContext, place: NetworkFolder, input: StartInput): Promise<void> {
  const { startInBackground } = await import("../network/startInBackground.ts");
  const argv = [
    ...(input.port === undefined ? [] : ["--port", String(input.port)]), ...(input.clean ? ["--clean", "--yes"] : []), ...(input.ephemeral ? ["--ephemeral"] : []),
    ...(options.logLevel === "info" ? [] : ["--log-level", options.logLevel]), ...(input.seed === undefined ? [] : ["--seed", input.seed]), ...(options.projectRoot === undefined ? [] : ["--project-root", resolve(io.cwd, options.projectRoot)]), "--log", place.log,
  ];
  const descriptor = await startInBackground(place, installation, io.cwd, argv, io.env);
  ui.show({ text: `The network is running at ${descriptor.url} (pid ${descriptor.pid}).\nLog: ${place.log}\n\nNext:\n  icx deploy`, data: startedDocument(descriptor, place) });
}

const startedDocument = ({ url, port, pid, rootKey, stateDir }: Descriptor, { log }: NetworkFolder): Record<string, unknown> => ({ url, port, pid, root_key: rootKey, stateDir, log });

async function inForeground(context: CommandContext, place: NetworkFolder, input: StartInput): Promise<void> {
  const { runNetwork } = await import("../network/runNetwork.ts");
  const began = performance.now(), view = await showNetwork(context);
  const nameOf = (canister: string, rootKey: string): string => Object.entries(canisterIds(place.ids, Buffer.from(rootKey, "hex")).all()).find(([, id]) => id === canister)?.[0] ?? canister;
  let rootKey = "";
  try {
    const running = await runNetwork(place, {
      port: input.port, ephemeral: input.ephemeral, clean: input.clean, version: icxVersion(context.installation), log: input.log ?? place.log, ...(input.seed === undefined ? {} : { seed: input.seed }),
      ...(context.ui.trace !== undefined && { onRoom: view.room }),
      onEvent: (event) => {
        if (event.kind === "warning") view.warning(event.text);
        else if (rootKey === "") return; // before the start the journal is replayed: this has been shown when it happened
        else if (event.kind === "canisterLog") view.log(nameOf(event.canister, rootKey), event.canister, event.timestampNanos, Buffer.from(event.content).toString("utf8"));
        else view.block(event.subnet, event.height, event.messages);
      },
    });
    rootKey = running.descriptor.rootKey;
    view.started({ ...running.descriptor, movedTo: running.movedTo, startMs: performance.now() - began });
    await interruption(context.io.interrupted);
    view.stopping();
    await running.stop();
    view.stopped();
  } finally { view.close(); }
}

const interruption = (signal: AbortSignal): Promise<void> => new Promise((resolveNow) => {
  if (signal.aborted) resolveNow();
  else signal.addEventListener("abort", () => resolveNow(), { once: true });
});
