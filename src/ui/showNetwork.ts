import type { CommandContext } from "../context/context.ts";
import { paint } from "./paint.ts";
import { colourful } from "./createUi.ts";
import { duration } from "./renderProgress.ts";

/** What the view is told when the network answers. */
export interface Started { readonly url: string; readonly port: number; readonly pid: number; readonly rootKey: string; readonly stateDir?: string; readonly movedTo: string | undefined; readonly startMs: number }

/** A running network on the user's screen. */
export interface NetworkView {
  started(facts: Started): void;
  log(name: string, canister: string, timestampNanos: bigint, text: string): void;
  block(subnet: string, height: number, messages: number): void;
  warning(text: string): void;
  stopping(): void;
  stopped(): void;
  close(): void;
}

/** Lines, one JSON event a line, or on a terminal a live status below the lines. */
export async function showNetwork(context: Pick<CommandContext, "io" | "ui">): Promise<NetworkView> {
  if (context.ui.mode !== "terminal") return lines(context);
  const { liveNetwork } = await import("./liveNetwork.ts");
  return liveNetwork(context);
}

function lines({ io, ui }: Pick<CommandContext, "io" | "ui">): NetworkView {
  const colours = paint(colourful(io));
  return {
    started: (facts) => ui.stream({ text: startedLines(facts).join("\n"), data: { event: "started", url: facts.url, port: facts.port, pid: facts.pid, root_key: facts.rootKey, stateDir: facts.stateDir } }),
    log: (name, canister, timestampNanos, text) => ui.stream({ text: logLine(name, text), data: { event: "log", canister: name, canisterId: canister, timestampNanos, text } }),
    block: (subnet, height, messages) => { if (messages > 0 && ui.mode === "json") ui.stream({ text: "", data: { event: "block", subnet, height, messages } }); },
    warning: (text) => { if (ui.mode === "json") ui.stream({ text: "", data: { event: "warning", text } }); else io.stderr.write(`${colours.yellow("Warning:")} ${text}\n`); },
    stopping: () => { if (ui.mode !== "json") io.stderr.write("Stopping: writing a checkpoint.\n"); },
    stopped: () => ui.stream({ text: "Stopped.", data: { event: "stopped" } }),
    close: () => undefined,
  };
}

/** The facts of a started network, for people. */
export const startedLines = ({ url, pid, stateDir, movedTo, startMs }: Started): string[] => [
  `The network is running at ${url} (pid ${pid}), started in ${duration(startMs)}.`,
  stateDir === undefined ? "Nothing is kept: the state ends with this process." : `State: ${stateDir}`,
  ...(movedTo === undefined ? [] : [`The old state is kept in ${movedTo}`]),
];

/** `[counter] text`, each line with its name; control characters of a canister do not reach the terminal. */
export const logLine = (name: string, text: string): string =>
  text.replace(/\n$/, "").split("\n").map((line) => `[${name}] ${line.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, (control) => `\\u{${control.charCodeAt(0).toString(16)}}`)}`).join("\n");
