import { Box, Text, render, useStdout } from "ink";
import { createElement as h, useEffect, useState, type ReactNode } from "react";
import type { CommandContext } from "../context/context.ts";
import { roomText } from "./createTrace.ts";
import { logLine, startedLines, type NetworkView, type Started } from "./networkView.ts";
import { EMPTY_PANEL, type Panel, type PanelAct, type PanelKey, keyPressed, shownNodes, withNews } from "./nodesPanel.ts";
import { paint } from "./paint.ts";
import { PanelView } from "./panelView.ts";

interface Status { readonly facts: Started | undefined; readonly heights: ReadonlyMap<string, number>; readonly messages: number; readonly phase: string; readonly panel: Panel }
const REDRAW_MS = 100; // ten times a second is as live as an eye wants it

/** A terminal: lines scroll by, the status stays below them. */
export function liveNetwork({ io }: Pick<CommandContext, "io" | "ui">, onAct: (act: PanelAct) => void): NetworkView {
  let status: Status = { facts: undefined, heights: new Map(), messages: 0, phase: "starting", panel: EMPTY_PANEL };
  let redraw = (_: Status): void => undefined, scheduled: NodeJS.Timeout | undefined;
  const waiting: string[] = [];
  let write = (text: string): void => { waiting.push(text); }; // until ink has drawn for the first time
  const colours = paint((io.env["NO_COLOR"] ?? "") === "");
  const paintNow = (): void => { clearTimeout(scheduled); scheduled = undefined; redraw(status); };
  const change = (next: Partial<Status>): void => { status = { ...status, ...next }; scheduled ??= setTimeout(paintNow, REDRAW_MS); };
  const line = (text: string): void => write(`${text}\n`);
  const { columns = 80 } = io.stdout, rows = (io.stdout as { readonly rows?: number }).rows ?? 24;
  const pressed = (input: string, key: PanelKey): void => {
    const { panel, act } = keyPressed(status.panel, input, key);
    status = { ...status, panel };
    paintNow();
    if (act !== undefined && (act.kind !== "quit" || key.ctrl === true)) onAct(act); // q alone does not end a network
  };
  // Whether somebody watches was decided from the streams and `io.env`: ink must not decide again from the environment of the process.
  const app = render(h(function Network(): ReactNode {
    const [shown, setShown] = useState(status), stdout = useStdout();
    useEffect(() => {
      redraw = setShown;
      write = stdout.write;
      for (const text of waiting.splice(0)) write(text);
    }, []);
    const several = shownNodes(shown.panel).length > 1 && shown.phase === "running", onKey = several && io.stdin.isTTY === true ? pressed : undefined;
    return h(Box, { flexDirection: "column" },
      several ? h(PanelView, { panel: shown.panel, columns, rows: Math.floor(rows / 2), ends: "Ctrl-C stops", colours, onKey }) : null,
      h(Text, { inverse: true, wrap: "truncate" }, ` ${statusText(shown)} `));
  }), { stdout: io.stdout as NodeJS.WriteStream, stdin: io.stdin as NodeJS.ReadStream, exitOnCtrlC: false, patchConsole: false, interactive: true });
  return {
    started: (facts) => { change({ facts, phase: "running" }); startedLines(facts).forEach(line); },
    log: (name, _canister, _time, text) => line(logLine(name, text)),
    block: (subnet, height, messages) => change({ heights: new Map([...status.heights, [subnet, height]]), messages: status.messages + messages }),
    warning: (text) => line(`${colours.yellow("Warning:")} ${text}`),
    nodes: (nodes, blocks) => change({ panel: withNews(status.panel, nodes, blocks) }),
    note: (note) => change({ panel: { ...status.panel, note } }),
    room: (told) => write(roomText(told)),
    stopping: () => { change({ phase: "stopping: writing a checkpoint" }); paintNow(); },
    stopped: () => { change({ phase: "stopped" }); paintNow(); },
    close: () => { paintNow(); app.unmount(); },
  };
}

function statusText({ facts, heights, messages, phase }: Status): string {
  const parts = [`icx ${phase}`, ...(facts === undefined ? [] : [facts.url]), `${messages} messages`, ...[...heights].map(([subnet, height]) => `${subnet.slice(0, 5)} ${height}`)];
  return [...parts, ...(phase === "running" ? ["Ctrl-C stops"] : [])].join(" · ");
}
