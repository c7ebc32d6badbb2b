import type { RoomLine } from "../context/events.ts";
import type { WatchedBlock, WatchedNode } from "./nodesPanel.ts";
import { duration } from "./renderProgress.ts";

/** What the view is told when the network answers. */
export interface Started { readonly url: string; readonly port: number; readonly pid: number; readonly rootKey: string; readonly stateDir?: string; readonly movedTo: string | undefined; readonly startMs: number }

/** A running network on the user's screen. */
export interface NetworkView {
  started(facts: Started): void;
  log(name: string, canister: string, timestampNanos: bigint, text: string): void;
  block(subnet: string, height: number, messages: number): void;
  warning(text: string): void;
  /** The nodes as they are, and what was finalized since. */
  nodes(nodes: readonly WatchedNode[], blocks: readonly WatchedBlock[]): void;
  /** What came of a key. */
  note(text: string): void;
  /** A debug line. */
  room(line: RoomLine): void;
  stopping(): void;
  stopped(): void;
  close(): void;
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
