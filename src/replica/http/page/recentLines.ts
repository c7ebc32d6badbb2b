import type { PrintedLine } from "./pageFacts.ts";

const LINES_KEPT = 200, TEXT_MAX = 2_000;

/** The last lines that canisters printed. */
export function recentLines(): { add(line: Omit<PrintedLine, "text"> & { readonly content: Uint8Array }): void; readonly all: readonly PrintedLine[] } {
  const lines: PrintedLine[] = [];
  return {
    add({ canister, timeNanos, content }) {
      lines.push({ canister, timeNanos, text: Buffer.from(content.subarray(0, TEXT_MAX)).toString("utf8") });
      if (lines.length > LINES_KEPT) lines.shift();
    },
    all: lines,
  };
}
