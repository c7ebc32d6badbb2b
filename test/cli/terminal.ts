import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import type { Io } from "../../src/context/io.ts";
import { environment, ownEnvironment } from "./surrounding.ts";

/** A terminal whose person types when a question appears. */
export class Terminal {
  readonly stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => this.stdin, ref: () => this.stdin, unref: () => this.stdin });
  readonly #seen = new EventEmitter();
  written = "";
  out = "";
  readonly stderr = Object.assign(new EventEmitter(), { isTTY: true, columns: 80, rows: 24, write: (text: string) => { this.written += text; this.#seen.emit("text"); return true; } });
  readonly stdout = { isTTY: true, columns: 80, write: (text: string) => { this.out += text; return true; } };
  io(cwd: string): Partial<Io> {
    const env = ownEnvironment("the terminal can redraw", { ...environment(cwd), TERM: "xterm" });
    return { stdin: this.stdin, stdout: this.stdout, stderr: this.stderr, env };
  }
  /** Waits until these words were written since the last answer, then types. */
  async answer(words: string, ...keys: readonly string[]): Promise<void> {
    while (!this.written.includes(words)) await new Promise((done) => { this.#seen.once("text", done); });
    this.written = "";
    for (const key of keys) { this.stdin.write(key); await new Promise(setImmediate); }
  }
}
