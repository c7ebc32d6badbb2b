/** Colours for words; without colour each function gives its text back. */
export interface Paint { readonly bold: (text: string) => string; readonly dim: (text: string) => string; readonly red: (text: string) => string; readonly green: (text: string) => string; readonly yellow: (text: string) => string }

const wrap = (open: number, close: number) => (text: string): string => `\u001b[${open}m${text}\u001b[${close}m`;
const same = (text: string): string => text;

/** ANSI colours, or none. */
export const paint = (colour: boolean): Paint => (colour
  ? { bold: wrap(1, 22), dim: wrap(2, 22), red: wrap(31, 39), green: wrap(32, 39), yellow: wrap(33, 39) }
  : { bold: same, dim: same, red: same, green: same, yellow: same });
