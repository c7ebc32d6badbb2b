/** What an operation tells while it works. */
export type ProgressEvent =
  | { readonly kind: "started"; readonly step: string; readonly subject: string }
  | { readonly kind: "finished"; readonly step: string; readonly subject: string; readonly durationMs: number; readonly outcome?: string }
  /** A line of a program that works for us: shown where a person watches, for the others it is part of the error alone. */
  | { readonly kind: "output"; readonly subject: string; readonly line: string }
  | { readonly kind: "note"; readonly text: string }
  | { readonly kind: "warning"; readonly text: string };

/** A debug line of a room of docs/walks/ingress.md: the shell's rooms and the replica's speak alike. */
export interface RoomLine { readonly room: string; readonly event: string; readonly messageId?: string; readonly [field: string]: unknown }
/** What a command's rooms tell at debug level. */
export interface Trace {
  /** A room has done its part for the request under way, or for the one that will be made of it. */
  room(room: string, event: string, fields?: Readonly<Record<string, unknown>>): void;
  /** The agent has made a request: what was told before belongs to it. */
  request(messageId: string): void;
  /** A whole line, from a replica in this process. */
  line(line: RoomLine): void;
}

/** Operations tell; `ui/` shows. */
export type Report = (event: ProgressEvent) => void;
