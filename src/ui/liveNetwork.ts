import { Box, Static, Text, render } from "ink";
import { createElement as h, useEffect, useState, type ReactNode } from "react";
import type { CommandContext } from "../context/context.ts";
import { logLine, startedLines, type NetworkView, type Started } from "./showNetwork.ts";

interface Screen { readonly lines: readonly { readonly key: number; readonly text: string; readonly colour?: string }[]; readonly facts: Started | undefined; readonly heights: ReadonlyMap<string, number>; readonly messages: number; readonly phase: string }
const REDRAW_MS = 100; // ten times a second is as live as an eye wants it

/** A terminal: lines scroll by, the status stays below them. */
export function liveNetwork({ io }: Pick<CommandContext, "io" | "ui">): NetworkView {
  let screen: Screen = { lines: [], facts: undefined, heights: new Map(), messages: 0, phase: "starting" };
  let redraw = (_: Screen): void => undefined, scheduled: NodeJS.Timeout | undefined, key = 0;
  const colour = (io.env["NO_COLOR"] ?? "") === "";
  const paintNow = (): void => { clearTimeout(scheduled); scheduled = undefined; redraw(screen); };
  const change = (next: Partial<Screen>): void => { screen = { ...screen, ...next }; scheduled ??= setTimeout(paintNow, REDRAW_MS); };
  const add = (text: string, tint?: string): void => change({ lines: [...screen.lines, { key: key++, text, ...(tint !== undefined && colour ? { colour: tint } : {}) }] });
  const app = render(h(function Network(): ReactNode {
    const [shown, setShown] = useState(screen);
    useEffect(() => { redraw = setShown; }, []);
    return view(shown);
  }), { stdout: io.stdout as NodeJS.WriteStream, stdin: io.stdin as NodeJS.ReadStream, exitOnCtrlC: false, patchConsole: false });
  return {
    started: (facts) => { change({ facts, phase: "running" }); for (const line of startedLines(facts)) add(line); },
    log: (name, _canister, _time, text) => add(logLine(name, text)),
    block: (subnet, height, messages) => change({ heights: new Map([...screen.heights, [subnet, height]]), messages: screen.messages + messages }),
    warning: (text) => add(`Warning: ${text}`, "yellow"),
    stopping: () => { change({ phase: "stopping: writing a checkpoint" }); paintNow(); },
    stopped: () => { change({ phase: "stopped" }); paintNow(); },
    close: () => { paintNow(); app.unmount(); },
  };
}

function view({ lines, facts, heights, messages, phase }: Screen): ReactNode {
  const status = [`icx ${phase}`, ...(facts === undefined ? [] : [facts.url]), ...[...heights].map(([subnet, height]) => `${subnet.slice(0, 5)} height ${height}`), `${messages} messages`, ...(phase === "running" ? ["Ctrl-C stops"] : [])];
  return h(Box, { flexDirection: "column" },
    h(Static, { items: [...lines], children: (line) => { const { key, text, colour } = line as Screen["lines"][number]; return h(Text, { key, ...(colour === undefined ? {} : { color: colour }) }, text); } }),
    h(Text, { inverse: true, wrap: "truncate" }, ` ${status.join(" · ")} `));
}
