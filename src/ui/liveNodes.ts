import { render } from "ink";
import { createElement as h, useEffect, useState, type ReactNode } from "react";
import type { CommandContext } from "../context/context.ts";
import { EMPTY_PANEL, type Panel, type PanelAct, keyPressed, withNews } from "./nodesPanel.ts";
import { paint } from "./paint.ts";
import { PanelView } from "./panelView.ts";
import type { NodesView } from "./showNodes.ts";

const REDRAW_MS = 100;

/** A terminal: a table of nodes that follows them, and keys. */
export function liveNodes({ io }: Pick<CommandContext, "io" | "ui">, subnet: string | undefined, onAct: (act: PanelAct) => void): NodesView {
  let panel: Panel = { ...EMPTY_PANEL, subnet }, redraw = (_: Panel): void => undefined, scheduled: NodeJS.Timeout | undefined;
  const paintNow = (): void => { clearTimeout(scheduled); scheduled = undefined; redraw(panel); };
  const change = (next: Panel): void => { panel = next; scheduled ??= setTimeout(paintNow, REDRAW_MS); };
  const colours = paint((io.env["NO_COLOR"] ?? "") === ""), { columns = 80 } = io.stdout, rows = (io.stdout as { readonly rows?: number }).rows ?? 24;
  const onKey = io.stdin.isTTY !== true ? undefined : (input: string, key: Parameters<typeof keyPressed>[2]): void => {
    const pressed = keyPressed(panel, input, key);
    panel = pressed.panel;
    paintNow();
    if (pressed.act !== undefined) onAct(pressed.act);
  };
  const app = render(h(function Nodes(): ReactNode {
    const [shown, setShown] = useState(panel);
    useEffect(() => { redraw = setShown; }, []);
    return h(PanelView, { panel: shown, columns, rows, ends: onKey === undefined ? "Ctrl-C ends" : "q ends", colours, onKey });
  }), { stdout: io.stdout as NodeJS.WriteStream, stdin: io.stdin as NodeJS.ReadStream, exitOnCtrlC: false, patchConsole: false, interactive: true });
  return {
    seen: (nodes, blocks) => change(withNews(panel, nodes, blocks)),
    note: (note) => change({ ...panel, note }),
    close: () => { paintNow(); app.unmount(); },
  };
}
