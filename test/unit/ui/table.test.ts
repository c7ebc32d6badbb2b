import { describe, expect, test } from "vitest";
import { displayWidth, table } from "../../../src/ui/table.ts";

describe("tables", () => {
  test("columns are aligned and nothing trails", () => expect(table([["a", "one", "x"], ["long name", "2", ""]], ["name", "n"])).toBe("name       n\na          one  x\nlong name  2"));
  test("no rows are no lines", () => expect(table([])).toBe(""));
  test.each([["plain", 5], ["grüße", 5], ["gru\u0308ße", 5], ["日本", 4], ["ok ✅", 5], ["\u001b[31mred\u001b[39m", 3], ["a\u200db", 2]])("%s takes %i columns", (text, width) => expect(displayWidth(text)).toBe(width));
});
