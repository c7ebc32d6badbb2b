import { Box, Text, useInput } from "ink";
import { createElement as h, type ReactNode } from "react";
import type { Paint } from "./paint.ts";
import { type Panel, type PanelKey, panelLines } from "./nodesPanel.ts";

/** The panel of nodes on a terminal. Keys are read only where a person can type. */
export function PanelView({ panel, columns, rows, ends, colours, onKey }: {
  readonly panel: Panel; readonly columns: number; readonly rows: number; readonly ends: string; readonly colours: Paint; readonly onKey: ((input: string, key: PanelKey) => void) | undefined;
}): ReactNode {
  useInput((input, key) => onKey?.(input, key), { isActive: onKey !== undefined });
  const looks = { title: colours.bold, dim: colours.dim, chosen: colours.bold, plain: (text: string) => text, note: colours.yellow };
  return h(Box, { flexDirection: "column" }, panelLines(panel, columns, rows, ends).map(({ text, look }, index) => h(Text, { key: index, wrap: "truncate" }, looks[look](text))));
}
