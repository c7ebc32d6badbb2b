/** A text that can be laid out in lines: groups stand on one line if they fit, else all their own breaks are taken (Wadler, "A prettier printer"). */
export type Document =
  | { readonly kind: "text"; readonly text: string; readonly width: number }
  | { readonly kind: "concat"; readonly parts: readonly Document[] }
  | { readonly kind: "nest" | "group"; readonly of: Document }
  /** A new line where the group is broken, else `flat`. */
  | { readonly kind: "break"; readonly flat: string }
  /** One of two, by whether the group is broken. */
  | { readonly kind: "choice"; readonly broken: Document; readonly flat: Document };

const INDENT = 2;
const WIDE = /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2fb}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u, NARROW = /[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff]/u;

/** Columns that a text takes on a terminal. */
export function textWidth(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += character === "\u00ad" ? 1 : NARROW.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return width;
}
export const text = (content: string): Document => ({ kind: "text", text: content, width: textWidth(content) });
export const concat = (...parts: readonly Document[]): Document => ({ kind: "concat", parts });

/** Parts between brackets, each followed by the separator when they stand on lines of their own. `space` stands inside the brackets on one line. */
export function enclose(open: string, parts: readonly Document[], separator: string, close: string, space: "" | " "): Document {
  if (parts.length === 0) return text(`${open}${close}`);
  const edge: Document = { kind: "break", flat: space }, between = text(separator), line: Document = { kind: "break", flat: " " };
  const single = concat(...parts.flatMap((part, index) => (index === 0 ? [part] : [between, line, part])));
  const body: Document = { kind: "choice", broken: concat(single, between), flat: single };
  return { kind: "group", of: concat({ kind: "nest", of: concat(text(open), edge, body) }, edge, text(close)) };
}

interface Command { readonly indent: number; readonly flat: boolean; readonly document: Document }

/** Lays a document out for lines of `width` columns. */
export function render(document: Document, width: number): string {
  const rest: Command[] = [{ indent: 0, flat: false, document }];
  let output = "", column = 0;
  for (let command = rest.pop(); command !== undefined; command = rest.pop()) {
    const { indent, flat, document: at } = command;
    switch (at.kind) {
      case "text": output += at.text; column += at.width; break;
      case "concat": for (let index = at.parts.length - 1; index >= 0; index--) rest.push({ indent, flat, document: at.parts[index]! }); break;
      case "nest": rest.push({ indent: indent + INDENT, flat, document: at.of }); break;
      case "group": rest.push({ indent, flat: flat || fits(at.of, rest, width - column), document: at.of }); break;
      case "choice": rest.push({ indent, flat, document: flat ? at.flat : at.broken }); break;
      case "break": if (flat) { output += at.flat; column += at.flat.length; } else { output += `\n${" ".repeat(indent)}`; column = indent; }
    }
  }
  return output;
}

/** Whether the document on one line, with what follows it up to the next possible new line, takes at most `room` columns. */
function fits(document: Document, rest: readonly Command[], room: number): boolean {
  const ahead: Document[] = [document];
  let behind = rest.length, flat = true, left = room;
  for (;;) {
    let at = ahead.pop();
    if (at === undefined) {
      if (behind === 0) return true;
      at = rest[--behind]!.document;
      flat = false;
    }
    switch (at.kind) {
      case "text": left -= at.width; break;
      case "concat": for (let index = at.parts.length - 1; index >= 0; index--) ahead.push(at.parts[index]!); break;
      case "nest": case "group": ahead.push(at.of); break;
      case "choice": ahead.push(flat ? at.flat : at.broken); break;
      case "break": if (!flat) return true; left -= at.flat.length;
    }
    if (left < 0) return false;
  }
}
