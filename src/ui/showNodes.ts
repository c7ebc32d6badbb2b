import type { CommandContext } from "../context/context.ts";
import { type PanelAct, type WatchedBlock, type WatchedNode, stateOf } from "./nodesPanel.ts";
import { short } from "./shortId.ts";

/** The nodes of subnets on the user's screen while they work. */
export interface NodesView {
  /** What was finalized since, and the nodes as they are. */
  seen(nodes: readonly WatchedNode[], blocks: readonly WatchedBlock[]): void;
  /** What came of a key. */
  note(text: string): void;
  close(): void;
}

/** Lines, one JSON event a line, or on a terminal a table that follows, with keys. */
export async function showNodes(context: Pick<CommandContext, "io" | "ui">, subnet: string | undefined, onAct: (act: PanelAct) => void): Promise<NodesView> {
  if (context.ui.mode !== "terminal") return lines(context);
  return (await import("./liveNodes.ts")).liveNodes(context, subnet, onAct);
}

function lines({ ui }: Pick<CommandContext, "ui">): NodesView {
  const last = new Map<string, string>();
  return {
    seen(nodes, blocks) {
      for (const node of nodes) {
        const state = stateOf(node, nodes.filter(({ subnet }) => subnet === node.subnet)), { id, subnet, running, serving, reaches } = node;
        if (last.get(id) === state) continue;
        last.set(id, state);
        ui.stream({ text: `node ${short(id)} of subnet ${short(subnet)}: ${state}`, data: { event: "node", id, subnet, state, running, serving, reaches } });
      }
      for (const block of blocks) ui.stream({ text: `block ${block.height} of subnet ${short(block.subnet)}: rank ${block.rank} by ${short(block.maker)}, ${block.messages} message${block.messages === 1 ? "" : "s"}`, data: { event: "block", ...block } });
    },
    note: () => undefined,
    close: () => undefined,
  };
}
