import type { ProgressEvent } from "../context/events.ts";
import type { Paint } from "./paint.ts";

/** 950 → `950 ms`, 1234 → `1.2 s`. */
export const duration = (milliseconds: number): string => (milliseconds < 1_000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1_000).toFixed(1)} s`);

/** One line of progress; undefined for what is worth no line. */
export function renderProgress(event: ProgressEvent, colours: Paint): string | undefined {
  switch (event.kind) {
    case "started": return undefined;
    case "finished": return `${colours.green("✓")} ${event.step} ${event.subject}${event.outcome === undefined ? "" : `: ${event.outcome}`} ${colours.dim(`(${duration(event.durationMs)})`)}`;
    case "output": return colours.dim(`  ${event.subject} | ${event.line}`);
    case "note": return event.text;
    case "warning": return `${colours.yellow("Warning:")} ${event.text}`;
  }
}
