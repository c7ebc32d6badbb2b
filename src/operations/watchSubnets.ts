import { setTimeout as delay } from "node:timers/promises";
import { askOwner } from "../client/askOwner.ts";
import type { CommandContext } from "../context/context.ts";
import type { NetworkTarget } from "../context/network.ts";
import { IcxError } from "../errors/icxError.ts";
import type { PanelAct, WatchedBlock, WatchedNode } from "../ui/nodesPanel.ts";
import { showNodes } from "../ui/showNodes.ts";
import { runningTarget } from "./nodes.ts";
import { subnetNamed } from "./subnets.ts";
import { short } from "../ui/shortId.ts";

interface News { readonly next: number; readonly blocks: readonly WatchedBlock[]; readonly nodes: readonly WatchedNode[] }
/** A network may make more blocks than an eye wants to be told of one by one: they are told together. */
const PAUSE_MS = 50;
/** Exit code of a run that was interrupted, as shells count. */
const INTERRUPTED = 130;

/** Tells what is finalized and how nodes are, until the signal. @throws IcxError ICX2008 when the network is gone */
export async function followNodes(target: NetworkTarget, signal: AbortSignal, seen: (nodes: readonly WatchedNode[], blocks: readonly WatchedBlock[]) => void): Promise<void> {
  let since: number | undefined;
  while (!signal.aborted) {
    const news = await (await askOwner(target, "GET", `watch${since === undefined ? "" : `?since=${since}`}`)).json() as News;
    if (signal.aborted) return;
    since = news.next;
    seen(news.nodes, news.blocks);
    await delay(PAUSE_MS, undefined, { signal }).catch(() => undefined); // an interrupt ends it
  }
}

/** What a key asked for, and what came of it in a sentence. */
export async function actOn(target: NetworkTarget, act: Exclude<PanelAct, { readonly kind: "quit" }>): Promise<string> {
  try {
    if (act.kind === "heal") { await askOwner(target, "POST", "links/heal"); return "All links are joined."; }
    await askOwner(target, "POST", `nodes/${act.kind}?id=${act.node}`);
    return `Node ${short(act.node)} ${act.kind === "stop" ? "is stopped" : act.kind === "start" ? "is started" : "is cut off"}.`;
  } catch (error) { if (error instanceof IcxError) return error.message; throw error; }
}

/** `icx subnet watch`: blocks and nodes as they come, until interrupted. @returns the exit code @throws IcxError ICX2004, ICX2008, ICX2021 */
export async function watchSubnets(context: CommandContext, text: string | undefined): Promise<number> {
  const target = await runningTarget(context, "icx subnet watch"), only = text === undefined ? undefined : (await subnetNamed(target, text, "icx subnet watch")).id;
  const quit = new AbortController(), ends = AbortSignal.any([context.io.interrupted, quit.signal]);
  const view = await showNodes(context, only, (act) => { if (act.kind === "quit") quit.abort(); else void actOn(target, act).then((words) => { view.note(words); }, () => quit.abort()); });
  const isShown = ({ subnet }: { readonly subnet: string }): boolean => only === undefined || context.ui.mode === "terminal" || subnet === only;
  try { await followNodes(target, ends, (nodes, blocks) => view.seen(nodes.filter(isShown), blocks.filter(isShown))); } finally { view.close(); }
  return context.io.interrupted.aborted ? INTERRUPTED : 0;
}
