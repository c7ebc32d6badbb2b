/** What a person sees of the nodes of a subnet while they work, and what their keys mean: no terminal yet, only words. */
import { SHORT_CHARACTERS, short } from "./shortId.ts";

/** A virtual node as it is now. */
export interface WatchedNode {
  readonly id: string; readonly subnet: string; readonly subnetType: string; readonly running: boolean; readonly serving: boolean; readonly reaches: number;
  readonly notarizedHeight: number; readonly finalizedHeight: number; readonly height: number; readonly certifiedHeight: number; readonly catchUpHeight: number;
}
/** A finalized block: `rank` is its maker's among the makers of the height. */
export interface WatchedBlock { readonly subnet: string; readonly height: number; readonly rank: number; readonly maker: string; readonly messages: number }
/** What is shown: the last blocks first to last, the subnet and the place of the node that is chosen, and what was said last. */
export interface Panel { readonly nodes: readonly WatchedNode[]; readonly blocks: readonly WatchedBlock[]; readonly subnet: string | undefined; readonly place: number; readonly note: string }
/** What a key asks for. */
export type PanelAct = { readonly kind: "stop" | "start" | "isolate"; readonly node: string } | { readonly kind: "heal" } | { readonly kind: "quit" };
export interface PanelLine { readonly text: string; readonly look: "title" | "dim" | "chosen" | "plain" | "note" }

export const EMPTY_PANEL: Panel = { nodes: [], blocks: [], subnet: undefined, place: 0, note: "" };
const BLOCKS_KEPT = 64, STATE = 12, HEIGHT = 10;
const COLUMNS = ["NOTARIZED", "FINALIZED", "EXECUTED", "CERTIFIED", "CUP"];
/** Lines besides those of nodes. */
const FRAME_LINES = 6;

const subnetsOf = ({ nodes }: Panel): readonly string[] => [...new Set(nodes.map(({ subnet }) => subnet))];
/** The chosen subnet's nodes; of the first subnet that new canisters go to when none is chosen. */
export function shownNodes(panel: Panel): readonly WatchedNode[] {
  const ids = subnetsOf(panel), id = panel.subnet !== undefined && ids.includes(panel.subnet) ? panel.subnet : ids[1] ?? ids[0];
  return panel.nodes.filter(({ subnet }) => subnet === id);
}

/** The panel with news. */
export const withNews = (panel: Panel, nodes: readonly WatchedNode[], blocks: readonly WatchedBlock[]): Panel => ({ ...panel, nodes, blocks: [...panel.blocks, ...blocks].slice(-BLOCKS_KEPT) });

/** A node in a word or two. */
export function stateOf(node: WatchedNode, others: readonly WatchedNode[]): string {
  const running = others.filter((other) => other.running).length;
  return !node.running ? "stopped" : node.reaches < running ? node.reaches === 1 ? "cut off" : `reaches ${node.reaches}/${running}` : node.serving ? "answers" : "running";
}

function roundsOf(blocks: readonly WatchedBlock[], columns: number): string {
  const words = " rounds ";
  let text = "";
  for (const { height, rank, maker, messages } of [...blocks].reverse()) {
    const next = `${text}${text === "" ? "" : " ·"} ${height} rank ${rank} ${maker.slice(0, 5)}${messages > 0 ? ` +${messages}` : ""}`;
    if (words.length + next.length > columns) break;
    text = next;
  }
  return words + (text === "" ? " none yet" : text);
}

/** The panel in lines that fit. `ends` says what ends it. */
export function panelLines(panel: Panel, columns: number, rows: number, ends: string): readonly PanelLine[] {
  const nodes = shownNodes(panel), [first] = nodes;
  if (first === undefined) return [];
  const needed = nodes.length - Math.floor((nodes.length - 1) / 3), running = nodes.filter((node) => node.running).length, subnets = subnetsOf(panel).length;
  const room = Math.max(3, rows - FRAME_LINES), start = Math.min(Math.max(0, panel.place - Math.floor(room / 2)), Math.max(0, nodes.length - room));
  const row = (node: WatchedNode, place: number): PanelLine => {
    const heights = [node.notarizedHeight, node.finalizedHeight, node.height, node.certifiedHeight, node.catchUpHeight];
    return { text: `${place === panel.place ? ">" : " "} ${String(place + 1).padStart(2)} ${short(node.id)} ${stateOf(node, nodes).padEnd(STATE)}${heights.map((height) => String(height).padStart(HEIGHT)).join("")}`, look: place === panel.place ? "chosen" : node.running ? "plain" : "dim" };
  };
  const lines: readonly PanelLine[] = [
    { text: ` ${first.subnetType} subnet ${short(first.subnet)} · ${running} of ${nodes.length} nodes run, ${needed} needed${running < needed ? ": updates wait" : ""}`, look: "title" },
    { text: roundsOf(panel.blocks.filter(({ subnet }) => subnet === first.subnet), columns), look: "plain" },
    { text: `   # ${"NODE".padEnd(SHORT_CHARACTERS)} ${"STATE".padEnd(STATE)}${COLUMNS.map((name) => name.padStart(HEIGHT)).join("")}`, look: "dim" },
    ...nodes.map(row).slice(start, start + room),
    ...(panel.note === "" ? [] : [{ text: ` ${panel.note}`, look: "note" as const }]),
    { text: ` ↑↓ choose · s or 1-9 stop/start · i cut off · h heal${subnets > 1 ? " · tab subnet" : ""} · ${ends}`, look: "dim" },
  ];
  return lines.map(({ text, look }) => ({ text: [...text].slice(0, columns).join(""), look }));
}

/** A key as ink tells it. */
export interface PanelKey { readonly upArrow?: boolean; readonly downArrow?: boolean; readonly tab?: boolean; readonly ctrl?: boolean }

/** What a key changes, and what it asks for. */
export function keyPressed(panel: Panel, input: string, key: PanelKey): { readonly panel: Panel; readonly act?: PanelAct } {
  const nodes = shownNodes(panel), toggle = (node: WatchedNode | undefined): PanelAct | undefined => node && { kind: node.running ? "stop" : "start", node: node.id };
  const doing = (act: PanelAct | undefined, next = panel): { readonly panel: Panel; readonly act?: PanelAct } => (act === undefined ? { panel: next } : { panel: next, act });
  if ((key.ctrl === true && input === "c") || input === "q") return doing({ kind: "quit" });
  if (key.upArrow === true || key.downArrow === true) return { panel: { ...panel, place: Math.min(Math.max(0, panel.place + (key.upArrow === true ? -1 : 1)), Math.max(0, nodes.length - 1)) } };
  if (key.tab === true) {
    const ids = subnetsOf(panel), at = ids.indexOf(nodes[0]?.subnet ?? "");
    return { panel: { ...panel, subnet: ids[(at + 1) % ids.length], place: 0 } };
  }
  if (/^[1-9]$/.test(input)) return doing(toggle(nodes[Number(input) - 1]), Number(input) <= nodes.length ? { ...panel, place: Number(input) - 1 } : panel);
  if (input === "s") return doing(toggle(nodes[panel.place]));
  if (input === "i") return doing(nodes[panel.place] && { kind: "isolate", node: nodes[panel.place]!.id });
  return input === "h" ? doing({ kind: "heal" }) : { panel };
}
