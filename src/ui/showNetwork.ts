import type { CommandContext } from "../context/context.ts";
import { paint } from "./paint.ts";
import { colourful } from "./createUi.ts";
import { roomText } from "./createTrace.ts";
import type { PanelAct } from "./nodesPanel.ts";
import { logLine, startedLines, type NetworkView } from "./networkView.ts";

/** Lines, one JSON event a line, or on a terminal a live status below the lines. */
export async function showNetwork(context: Pick<CommandContext, "io" | "ui">, onAct: (act: PanelAct) => void): Promise<NetworkView> {
  if (context.ui.mode !== "terminal") return lines(context);
  const { liveNetwork } = await import("./liveNetwork.ts");
  return liveNetwork(context, onAct);
}

function lines({ io, ui }: Pick<CommandContext, "io" | "ui">): NetworkView {
  const colours = paint(colourful(io));
  return {
    started: (facts) => ui.stream({ text: startedLines(facts).join("\n"), data: { event: "started", url: facts.url, port: facts.port, pid: facts.pid, root_key: facts.rootKey, stateDir: facts.stateDir } }),
    log: (name, canister, timestampNanos, text) => ui.stream({ text: logLine(name, text), data: { event: "log", canister: name, canisterId: canister, timestampNanos, text } }),
    block: (subnet, height, messages) => { if (messages > 0 && ui.mode === "json") ui.stream({ text: "", data: { event: "block", subnet, height, messages } }); },
    warning: (text) => { if (ui.mode === "json") ui.stream({ text: "", data: { event: "warning", text } }); else io.stderr.write(`${colours.yellow("Warning:")} ${text}\n`); },
    nodes: () => undefined,
    note: () => undefined,
    room: (told) => { io.stderr.write(roomText(told)); },
    stopping: () => { if (ui.mode !== "json") io.stderr.write("Stopping: writing a checkpoint.\n"); },
    stopped: () => ui.stream({ text: "Stopped.", data: { event: "stopped" } }),
    close: () => undefined,
  };
}
