import type { RoomLine } from "../context/events.ts";
import type { WatchedBlock, WatchedNode } from "./nodesPanel.ts";
import { duration } from "./renderProgress.ts";

/** What the view is told when the network answers. */
export interface Started { readonly url: string; readonly port: number; readonly pid: number; readonly rootKey: string; readonly stateDir?: string; readonly movedTo?: string; readonly startMs: number }

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

/** What becomes of its state, and where the one before it is. */
export const keptLines = ({ stateDir, movedTo }: Pick<Started, "stateDir" | "movedTo">): string[] => [
  stateDir === undefined ? "Nothing is kept: the state ends with the network." : `State: ${stateDir}`,
  ...(movedTo === undefined ? [] : [`The old state is kept in ${movedTo}`]),
];
/** The facts of a started network, for people. */
export const startedLines = (facts: Started): string[] => [`The network is running at ${facts.url} (pid ${facts.pid}), started in ${duration(facts.startMs)}.`, ...keptLines(facts)];

/** `[counter] text`, each line with its name; control characters of a canister do not reach the terminal. */
export const logLine = (name: string, text: string): string =>
  text.replace(/\n$/, "").split("\n").map((line) => `[${name}] ${line.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, (control) => `\\u{${control.charCodeAt(0).toString(16)}}`)}`).join("\n");
