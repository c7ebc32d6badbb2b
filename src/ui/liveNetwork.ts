import { Text, render, useStdout } from "ink";
import { createElement as h, useEffect, useState, type ReactNode } from "react";
import type { CommandContext } from "../context/context.ts";
import { roomText } from "./createTrace.ts";
import { logLine, startedLines, type NetworkView, type Started } from "./networkView.ts";
import { paint } from "./paint.ts";

interface Status { readonly facts: Started | undefined; readonly heights: ReadonlyMap<string, number>; readonly messages: number; readonly phase: string }
const REDRAW_MS = 100; // ten times a second is as live as an eye wants it

/** A terminal: lines scroll by, the status stays below them. */
export function liveNetwork({ io }: Pick<CommandContext, "io" | "ui">): NetworkView {
  let status: Status = { facts: undefined, heights: new Map(), messages: 0, phase: "starting" };
  let redraw = (_: Status): void => undefined, scheduled: NodeJS.Timeout | undefined;
  const waiting: string[] = [];
  let write = (text: string): void => { waiting.push(text); }; // until ink has drawn for the first time
  const colours = paint((io.env["NO_COLOR"] ?? "") === "");
  const paintNow = (): void => { clearTimeout(scheduled); scheduled = undefined; redraw(status); };
  const change = (next: Partial<Status>): void => { status = { ...status, ...next }; scheduled ??= setTimeout(paintNow, REDRAW_MS); };
  const line = (text: string): void => write(`${text}\n`);
  // Whether somebody watches was decided from the streams and `io.env`: ink must not decide again from the environment of the process.
  const app = render(h(function Network(): ReactNode {
    const [shown, setShown] = useState(status), stdout = useStdout();
    useEffect(() => {
      redraw = setShown;
      write = stdout.write;
      for (const text of waiting.splice(0)) write(text);
    }, []);
    return h(Text, { inverse: true, wrap: "truncate" }, ` ${statusText(shown)} `);
  }), { stdout: io.stdout as NodeJS.WriteStream, stdin: io.stdin as NodeJS.ReadStream, exitOnCtrlC: false, patchConsole: false, interactive: true });
  return {
    started: (facts) => { change({ facts, phase: "running" }); startedLines(facts).forEach(line); },
    log: (name, _canister, _time, text) => line(logLine(name, text)),
    block: (subnet, height, messages) => change({ heights: new Map([...status.heights, [subnet, height]]), messages: status.messages + messages }),
    warning: (text) => line(`${colours.yellow("Warning:")} ${text}`),
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
