import { describe, expect, test } from "vitest";
import { EMPTY_PANEL, type Panel, type WatchedNode, keyPressed, panelLines, shownNodes, withNews } from "../../../src/ui/nodesPanel.ts";

const node = (subnet: string, place: number, more: Partial<WatchedNode> = {}): WatchedNode => ({
  id: `${subnet}${place}-aaaaa-aaaaa`, subnet, subnetType: subnet === "roots" ? "system" : "application", running: true, serving: place === 0, reaches: 4,
  notarizedHeight: 120 + place, finalizedHeight: 120, height: 119, certifiedHeight: 118, catchUpHeight: 100, ...more,
});
const four = (more: Readonly<Record<number, Partial<WatchedNode>>> = {}): readonly WatchedNode[] => [0, 1, 2, 3].map((place) => node("appli", place, more[place]));
const block = (height: number) => ({ subnet: "appli", height, rank: height % 3, maker: "appli0-aaaaa", messages: height % 2 });
const panel = (nodes = four()): Panel => withNews(EMPTY_PANEL, [node("roots", 0, { reaches: 1 }), ...nodes], Array.from({ length: 30 }, (_, i) => block(91 + i)));
const words = (shown: Panel, columns = 80, rows = 24): readonly string[] => panelLines(shown, columns, rows, "q ends").map(({ text }) => text);

describe("the panel of nodes", () => {
  test("fits into 80 columns and says who stands where", () => {
    const lines = words(panel(four({ 1: { running: false, reaches: 0 }, 2: { reaches: 1 }, 3: { reaches: 2 } })));
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(lines).toMatchInlineSnapshot(`
      [
        " application subnet appli · 3 of 4 nodes run, 3 needed",
        " rounds  120 rank 0 appli · 119 rank 2 appli +1 · 118 rank 1 appli",
        "   # NODE        STATE        NOTARIZED FINALIZED  EXECUTED CERTIFIED       CUP",
        ">  1 appli0-aaaa answers            120       120       119       118       100",
        "   2 appli1-aaaa stopped            121       120       119       118       100",
        "   3 appli2-aaaa cut off            122       120       119       118       100",
        "   4 appli3-aaaa reaches 2/3        123       120       119       118       100",
        " ↑↓ choose · s or 1-9 stop/start · i cut off · h heal · tab subnet · q ends",
      ]
    `);
  });
  test("says that updates wait when too few are left", () => expect(words(panel(four({ 1: { running: false }, 2: { running: false } })))[0]).toContain("2 of 4 nodes run, 3 needed: updates wait"));
  test("shows the part around the chosen node when there are more than rows", () => {
    const many = Array.from({ length: 40 }, (_, place) => node("appli", place)), lines = words({ ...panel(many), place: 39 });
    expect(lines.length).toBeLessThanOrEqual(24);
    expect(lines.find((line) => line.startsWith(">"))).toContain(" 40 ");
  });
  test("has nothing to say before it has seen a node", () => expect(words(EMPTY_PANEL)).toEqual([]));
});

describe("keys", () => {
  const press = (shown: Panel, input: string, key = {}) => keyPressed(shown, input, key);
  test("arrows choose a node, s stops or starts it", () => {
    const down = press(panel(), "", { downArrow: true }).panel;
    expect(down.place).toBe(1);
    expect(press(down, "s").act).toEqual({ kind: "stop", node: "appli1-aaaaa-aaaaa" });
    expect(press(press(down, "", { upArrow: true }).panel, "", { upArrow: true }).panel.place).toBe(0);
    expect(press({ ...panel(four({ 1: { running: false } })), place: 1 }, "s").act).toEqual({ kind: "start", node: "appli1-aaaaa-aaaaa" });
  });
  test("a number does so at once; one that no node has does nothing", () => {
    expect(press(panel(), "3")).toMatchObject({ panel: { place: 2 }, act: { kind: "stop", node: "appli2-aaaaa-aaaaa" } });
    expect(press(panel(), "9").act).toBeUndefined();
  });
  test("tab goes to the next subnet, i cuts off, h heals, q and Ctrl-C end", () => {
    expect(shownNodes(press(panel(), "", { tab: true }).panel)[0]!.subnet).toBe("roots");
    expect(press(panel(), "i").act).toEqual({ kind: "isolate", node: "appli0-aaaaa-aaaaa" });
    expect([press(panel(), "h").act, press(panel(), "q").act, press(panel(), "c", { ctrl: true }).act]).toEqual([{ kind: "heal" }, { kind: "quit" }, { kind: "quit" }]);
    expect(press(panel(), "x")).toEqual({ panel: panel() });
  });
});
