/** Text that is safe where HTML stands: between tags and in quoted attributes. Made by `html` alone. */
export class Html {
  readonly text: string;
  constructor(text: string) { this.text = text; }
}
type Part = string | number | Html | readonly Html[];

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;", "'": "&#39;" };
/** Control characters have no meaning in HTML; they are shown as what they are. */
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character]!)
  .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (control) => `\\u{${control.charCodeAt(0).toString(16)}}`);
const textOf = (part: Part): string => (part instanceof Html ? part.text : typeof part === "object" ? part.map(({ text }) => text).join("") : escaped(String(part)));

/** A template whose values are escaped, whoever they come from. */
export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Html => new Html(strings.reduce((text, string, i) => text + textOf(parts[i - 1]!) + string));
