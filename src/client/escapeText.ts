const PLAIN: Readonly<Record<string, string>> = { "\t": "\\t", "\r": "\\r", "\n": "\\n", "\\": "\\\\", "\"": "\\\"" };
const UNPRINTABLE = /[\p{C}\p{Z}]/u, EXTENDS = /\p{Grapheme_Extend}/u;

/**
 * The content of a text between its quotes, escaped as the `icp` program prints it. `display` is the usual form; `debug` is the one of values in long
 * vectors and deep inside others, where a single quote stays and every combining mark is escaped. A NUL before a hexadecimal digit is written in full:
 * `\0a` would read as another character.
 */
export function escapeText(text: string, form: "display" | "debug"): string {
  if (/^[ !#-&(-[\]-~]*$/.test(text)) return text;
  let escaped = "", first = true;
  const characters = [...text];
  for (const [index, character] of characters.entries()) {
    if (PLAIN[character] !== undefined) escaped += PLAIN[character];
    else if (character === "\0" && !/^[\da-fA-F]/.test(characters[index + 1] ?? "")) escaped += "\\0";
    else if (character === "'" && form === "display") escaped += "\\'";
    else if (character !== " " && ((EXTENDS.test(character) && (form === "debug" || first)) || UNPRINTABLE.test(character))) escaped += `\\u{${character.codePointAt(0)!.toString(16)}}`;
    else escaped += character;
    first = false;
  }
  return escaped;
}
