import { relative, resolve } from "node:path";
import type { CommandContext } from "../context/context.ts";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { configFolder } from "../identity/configFolder.ts";
import { findRunning } from "../network/findNetwork.ts";
import { lockWhenFree } from "../network/lockWhenFree.ts";
import { networkFolder, type NetworkFolder } from "../network/networkFolder.ts";
import { nearest } from "../errors/nearest.ts";
import type { NetworkTarget } from "../context/network.ts";
import type { WantedSubnet } from "../context/project.ts";
import { madeOf, type MadeNetwork } from "../network/madeNetwork.ts";
import { NODES_MAX, SUBNET_TYPES, subnetsOfText } from "../project/wantedSubnets.ts";
import { canisterIds } from "../project/canisterIds.ts";
import { findProjectRoot, loadProject } from "../project/loadProject.ts";
import { keptLines } from "../ui/networkView.ts";
import { showNetwork } from "../ui/showNetwork.ts";
import { icxVersion } from "./icxVersion.ts";
import { showRunning, startedDocument, type AskedSettings } from "./runningNetwork.ts";
import { actOn, followNodes } from "./watchSubnets.ts";
import { waiting } from "./waiting.ts";

export interface StartInput extends AskedSettings {
  readonly background: boolean;
  readonly workers: boolean;
  /** Where this process's output goes, when it was started in the background. */
  readonly log: string | undefined;
}

/** Where the local network lives: in the project, or outside of one in the user's folder. */
export function networkHome(context: Pick<CommandContext, "io" | "options">): { readonly root: string; readonly place: NetworkFolder; readonly inProject: boolean } {
  const project = findProjectRoot(context), root = project ?? configFolder(context.io.env);
  return { root, place: networkFolder(root), inProject: project !== undefined };
}

/**
 * `icx start`. In the foreground it returns when the network has stopped; at once when it runs already. A command that uses the state directly
 * is waited for. @throws IcxError ICX2002, ICX2003, ICX2005, ICX2007
 */
export async function startLocalNetwork(context: CommandContext, input: StartInput): Promise<void> {
  if (input.nodes !== undefined && (input.nodes < 1n || input.nodes > NODES_MAX)) throw new IcxError(ERRORS.arguments.usage, { problem: `A subnet has 1 to ${NODES_MAX} virtual nodes.`, command: "icx start" });
  const { place, inProject } = networkHome(context), asked = askedSubnets(input.subnets);
  const running = await findRunning(place);
  if (running !== undefined) return showRunning(context, place, running, input);
  if (!inProject && !input.ephemeral) context.ui.report({ kind: "note", text: `No project here: the network's state is kept in ${place.folder}.` });
  if (input.clean) await context.ui.confirm(`The network's state in ${relative(context.io.cwd, place.state) || place.state} will be moved aside. Continue?`);
  const lock = await lockWhenFree(place, waiting(context));
  if ("pid" in lock) return showRunning(context, place, lock, input);
  const written = inProject ? loadProject(context).networks.find(({ name, managed }) => managed && name === "local") : undefined;
  written?.notes?.forEach((text) => { context.ui.report({ kind: "note", text }); });
  if (input.background) {
    lock[Symbol.dispose](); // for the new process
    return await inBackground(context, place, inProject, input);
  }
  const made = { ...madeOf(written), ...(input.nodes !== undefined && { nodes: Number(input.nodes) }), ...(asked !== undefined && { subnets: asked }) };
  await inForeground(context, place, lock, { ...input, port: input.port ?? written?.port, host: input.host ?? written?.host }, made);
}

/** @throws IcxError ICX5001 for a type of subnet that there is not */
function askedSubnets(texts: readonly string[]): readonly WantedSubnet[] | undefined {
  const found = texts.map((text) => ({ text, subnets: subnetsOfText(text) })), bad = found.find(({ subnets }) => subnets === undefined)?.text;
  if (bad !== undefined) {
    const close = nearest(bad.replace(/:.*/, ""), SUBNET_TYPES);
    throw new IcxError(ERRORS.arguments.usage, { problem: `\`--subnet ${bad}\` names no type of subnet. ${close === undefined ? `They are ${SUBNET_TYPES.join(", ")}.` : `Did you mean \`${close}\`?`}`, command: "icx start" });
  }
  return found.length === 0 ? undefined : found.flatMap(({ subnets }) => subnets!);
}

async function inBackground({ io, ui, installation, options }: CommandContext, place: NetworkFolder, inProject: boolean, input: StartInput): Promise<void> {
  const { startInBackground } = await import("../network/startInBackground.ts");
  const argv = [
    ...(input.port === undefined ? [] : ["--port", String(input.port)]), ...(input.clean ? ["--clean", "--yes"] : []), ...(input.ephemeral ? ["--ephemeral"] : []), ...(input.workers ? ["--workers"] : []),
    ...(input.host === undefined ? [] : ["--host", input.host]), ...input.allowHosts.flatMap((name) => ["--allow-host", name]), ...(options.logLevel === "info" ? [] : ["--log-level", options.logLevel]), ...(input.seed === undefined ? [] : ["--seed", input.seed]), ...input.subnets.flatMap((text) => ["--subnet", text]), ...(input.nodes === undefined ? [] : ["--nodes", String(input.nodes)]), ...(options.projectRoot === undefined ? [] : ["--project-root", resolve(io.cwd, options.projectRoot)]), "--log", place.log,
  ];
  const descriptor = await startInBackground(place, installation, io.cwd, argv, io.env);
  for (const text of descriptor.notices ?? []) ui.report({ kind: "warning", text });
  const kept = keptLines(descriptor).map((line) => `${line}\n`).join("");
  ui.show({ text: `The network is running at ${descriptor.url} (pid ${descriptor.pid}).\n${kept}Log: ${place.log}\n\nNext:\n  ${inProject ? "icx deploy" : "icx canister create --detached"}`, data: startedDocument(descriptor, place) });
}

async function inForeground(context: CommandContext, place: NetworkFolder, lock: Disposable, input: StartInput, made: MadeNetwork): Promise<void> {
  const { runNetwork } = await import("../network/runNetwork.ts");
  const began = performance.now(), quit = new AbortController(), ends = AbortSignal.any([context.io.interrupted, quit.signal]);
  let target: NetworkTarget | undefined;
  const view = await showNetwork(context, (act) => {
    if (act.kind === "quit") quit.abort();
    else if (target !== undefined) void actOn(target, act).then((words) => { view.note(words); }, (error: unknown) => { view.warning(String(error)); });
  });
  /** Id → name, as the network remembers them now. */
  const names = (key: Uint8Array): Readonly<Record<string, string>> => Object.fromEntries(Object.entries(canisterIds(input.ephemeral ? place.ephemeralIds : place.ids, key).all()).map(([name, id]) => [id, name]));
  let rootKey = "";
  try {
    const running = await runNetwork(place, {
      lock, names, port: input.port, ...(input.host !== undefined && { host: input.host }), allowHosts: input.allowHosts, ephemeral: input.ephemeral, workers: input.workers, clean: input.clean, version: icxVersion(context.installation), log: input.log ?? place.log, ...(input.seed === undefined ? {} : { seed: input.seed }), made,
      ...(context.ui.trace !== undefined && { onRoom: view.room }),
      onEvent: (event) => {
        if (event.kind === "warning") view.warning(event.text);
        else if (rootKey === "") return; // before the start the journal is replayed: this has been shown when it happened
        else if (event.kind === "canisterLog") view.log(names(Buffer.from(rootKey, "hex"))[event.canister] ?? event.canister, event.canister, event.timestampNanos, Buffer.from(event.content).toString("utf8"));
        else if (event.kind === "block") view.block(event.subnet, event.height, event.messages);
      },
    });
    rootKey = running.descriptor.rootKey;
    for (const text of running.descriptor.notices ?? []) view.warning(text);
    view.started({ ...running.descriptor, startMs: performance.now() - began });
    if (context.ui.mode === "terminal" && running.network.subnets.some((subnet) => subnet.nodes.length > 1)) {
      const { network } = running;
      target = { name: "local", url: network.url, rootKey: network.rootKey, managed: true, ownerFetch: (asked, init) => network.ownerFetch(new Request(asked, init)) };
      followNodes(target, ends, view.nodes).catch((error: unknown) => { if (!ends.aborted) view.warning(String(error)); });
    }
    await interruption(ends);
    view.stopping();
    await running.stop();
    view.stopped();
  } finally { view.close(); }
}

const interruption = (signal: AbortSignal): Promise<void> => new Promise((resolveNow) => {
  if (signal.aborted) resolveNow();
  else signal.addEventListener("abort", () => resolveNow(), { once: true });
});
