import type { Report, Trace } from "./events.ts";
import type { Io } from "./io.ts";

/** A result: words for people and a document for programs. */
export interface Shown { readonly text: string; readonly data: unknown }

/** How a run speaks to its user. */
export interface Ui {
  /** `json`: documents on stdout, nothing else. `plain`: lines. `terminal`: a person watches, colour and redraw are allowed. */
  readonly mode: "json" | "plain" | "terminal";
  /** Progress, on stderr. */
  readonly report: Report;
  /** Present at debug level alone. */
  readonly trace?: Trace;
  /** The command's result, on stdout; once a run. */
  show(result: Shown): void;
  /** One event of a long run, on stdout: a line of text, or a line of JSON. */
  stream(event: Shown): void;
  /** Asks before something is lost. @throws IcxError when nobody can be asked or the answer is no. */
  confirm(question: string): Promise<void>;
}

/** What every command is given. */
export interface CommandContext {
  readonly io: Io;
  readonly ui: Ui;
  readonly options: GlobalOptions;
  /** Where icx itself lives: the folder of its package.json. */
  readonly installation: string;
  /** Done when the command has ended, well or badly or by an interrupt; the last one first. The process waits for it. */
  atEnd(work: () => Promise<void>): void;
}

/** From errors alone to a line of every room that a request goes through. */
export type LogLevel = "error" | "warn" | "info" | "debug";

/** Options that every command takes. */
export interface GlobalOptions {
  readonly json: boolean;
  readonly yes: boolean;
  readonly quiet: boolean;
  /** How much is told on stderr. */
  readonly logLevel: LogLevel;
  readonly projectRoot: string | undefined;
}
