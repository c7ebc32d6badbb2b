/** A word of candid text and where it stands (0 is the first character). */
export interface Token {
  readonly kind: "name" | "number" | "text" | "sign" | "end";
  /** The name, the digits, or the sign; empty for a text. */
  readonly word: string;
  /** Content of a text, its escapes resolved. */
  readonly bytes?: Uint8Array;
  readonly at: number;
}

/** Candid text that is not candid text: values and types share it. */
export class CandidSyntaxError extends Error {
  override readonly name = "CandidSyntaxError";
  readonly at: number;
  constructor(problem: string, at: number) {
    super(problem);
    this.at = at;
  }
}

const SPACE = /\s+|\/\/[^\n]*/y, NAME = /[A-Za-z_]\w*/y, SIGN = /->|[{}():;,=.]/y;
const NUMBER = /[+-]?(?:0[xX][\da-fA-F][\da-fA-F_]*|(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?|(?:inf|nan|NaN)\b)/y;
const SIMPLE: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, "\\": 92, "\"": 34, "'": 39 };

/** Splits candid text (candid spec, "Core grammar" and "Textual format"). @throws CandidSyntaxError */
export function tokenize(source: string): readonly Token[] {
  const tokens: Token[] = [];
  const match = (pattern: RegExp, at: number): string | undefined => { pattern.lastIndex = at; return pattern.exec(source)?.[0]; };
  for (let at = 0; ;) {
    const space = match(SPACE, at);
    if (space !== undefined) { at += space.length; continue; }
    if (source.startsWith("/*", at)) { at = endOfComment(source, at); continue; }
    if (at >= source.length) { tokens.push({ kind: "end", word: "", at }); return tokens; }
    if (source[at] === "\"") {
      const { bytes, end } = readText(source, at);
      tokens.push({ kind: "text", word: "", bytes, at });
      at = end;
      continue;
    }
    const number = match(NUMBER, at), name = match(NAME, at), sign = match(SIGN, at);
    const word = name ?? number ?? sign;
    if (word === undefined) throw new CandidSyntaxError(`unexpected ${JSON.stringify(String.fromCodePoint(source.codePointAt(at)!))}`, at);
    const kind = word === name ? "name" : word === number ? "number" : "sign";
    tokens.push({ kind, word, at });
    at += word.length;
  }
}

function endOfComment(source: string, start: number): number {
  let depth = 0;
  for (let at = start; at < source.length; at++) {
    if (source.startsWith("/*", at)) { depth++; at++; } else if (source.startsWith("*/", at)) { at++; if (--depth === 0) return at + 1; }
  }
  throw new CandidSyntaxError("a comment that does not end", start);
}

function readText(source: string, start: number): { readonly bytes: Uint8Array; readonly end: number } {
  const parts: Buffer[] = [];
  for (let at = start + 1; at < source.length;) {
    const character = source[at]!;
    if (character === "\"") return { bytes: Uint8Array.from(Buffer.concat(parts)), end: at + 1 };
    if (character !== "\\") {
      let end = at;
      while (end < source.length && source[end] !== "\"" && source[end] !== "\\") end++;
      parts.push(Buffer.from(source.slice(at, end)));
      at = end;
      continue;
    }
    const next = source[at + 1] ?? "", unicode = /^u\{([\da-fA-F][\da-fA-F_]{0,11})\}/.exec(source.slice(at + 1, at + 16)), hex = /^[\da-fA-F]{2}/.exec(source.slice(at + 1, at + 3));
    const codePoint = unicode === null ? undefined : parseInt(unicode[1]!.replaceAll("_", ""), 16);
    if (codePoint !== undefined && codePoint <= 0x10ffff && (codePoint < 0xd800 || codePoint > 0xdfff)) { parts.push(Buffer.from(String.fromCodePoint(codePoint))); at += 1 + unicode![0].length; }
    else if (hex !== null) { parts.push(Buffer.from(hex[0], "hex")); at += 3; }
    else if (next === "0") { parts.push(Buffer.of(0)); at += 2; } // as `icp` prints it
    else if (SIMPLE[next] !== undefined) { parts.push(Buffer.from([SIMPLE[next]])); at += 2; }
    else throw new CandidSyntaxError(`unknown escape \\${next}`, at);
  }
  throw new CandidSyntaxError("a text that does not end", start);
}

/** Levels of values and types: deeper is an attack on the stack. The replies of canisters have the same bound. */
export const NESTING_MAX = 1_000;

/** Walks over tokens. */
export class TokenReader {
  readonly #tokens: readonly Token[];
  #index = 0;
  #depth = 0;
  readonly #nestingMax: number;
  constructor(source: string, nestingMax = NESTING_MAX) {
    this.#tokens = tokenize(source);
    this.#nestingMax = nestingMax;
  }

  get next(): Token { return this.#tokens[this.#index]!; }
  /** The token after the next one. */
  get afterNext(): Token { return this.#tokens[Math.min(this.#index + 1, this.#tokens.length - 1)]!; }
  atEnd(): boolean { return this.next.kind === "end"; }
  take(): Token { const token = this.next; if (token.kind !== "end") this.#index++; return token; }
  is(word: string): boolean { return this.next.word === word && (this.next.kind === "sign" || this.next.kind === "name"); }
  /** Takes the word if it stands here. */
  skip(word: string): boolean { const found = this.is(word); if (found) this.#index++; return found; }
  expect(word: string): void { if (!this.skip(word)) throw this.fail(`expected \`${word}\``); }
  /** A name or a quoted name. */
  name(): string {
    const token = this.take();
    if (token.kind === "name") return token.word;
    if (token.kind === "text") return utf8(token);
    throw new CandidSyntaxError(`expected a name, found ${describe(token)}`, token.at);
  }
  fail(problem: string): CandidSyntaxError { return new CandidSyntaxError(`${problem}, found ${describe(this.next)}`, this.next.at); }
  /** Runs one level deeper. @throws CandidSyntaxError when the text is nested too deeply */
  nested<T>(read: () => T): T {
    if (++this.#depth > this.#nestingMax) throw new CandidSyntaxError("nested too deeply", this.next.at);
    try { return read(); } finally { this.#depth--; }
  }
}

const describe = (token: Token): string => (token.kind === "end" ? "the end" : token.kind === "text" ? "a text" : `\`${token.word}\``);

/** A text token's content. @throws CandidSyntaxError when its bytes are no UTF-8 */
export function utf8(token: Token): string {
  try { return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(token.bytes); } catch { throw new CandidSyntaxError("a text that is not UTF-8", token.at); }
}
