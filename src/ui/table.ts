/** Rows with aligned columns, two spaces apart; the last column is not padded. With a heading its words come first. */
export function table(rows: readonly (readonly string[])[], heading?: readonly string[]): string {
  const lines = heading === undefined ? rows : [heading, ...rows], widths: number[] = [];
  for (const line of lines) for (const [index, cell] of line.entries()) widths[index] = Math.max(widths[index] ?? 0, displayWidth(cell));
  return lines.map((line) => line.map((cell, index) => (index === line.length - 1 ? cell : cell + " ".repeat(widths[index]! - displayWidth(cell)))).join("  ").trimEnd()).join("\n");
}

/** Columns that a text takes on a terminal: marks that combine take none, East Asian wide characters and emoji two. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const sign of text.replace(/\u001b\[[\d;]*m/g, "")) width += /\p{M}|\p{Cf}/u.test(sign) ? 0 : WIDE.test(sign) ? 2 : 1;
  return width;
}
const WIDE = /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Emoji_Presentation}/u;
