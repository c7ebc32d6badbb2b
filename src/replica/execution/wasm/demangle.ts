/** Rust's older mangling (`_ZN`, lengths and parts, a hash, `E`), which the replica undoes in backtraces. */
const MANGLED = /^_?_?ZN((?:\d+[^\d].*?)+)E(?:\.llvm\.[0-9A-F@]+)?$/;
const HASH = /^h[0-9a-f]{16}$/;
const SYMBOLS: Readonly<Record<string, string>> = { SP: "@", BP: "*", RF: "&", LT: "<", GT: ">", LP: "(", RP: ")", C: "," };

/** The parts of a mangled path; undefined when a length is wrong. */
function partsOf(text: string): string[] | undefined {
  const parts: string[] = [];
  for (let at = 0; at < text.length;) {
    const digits = /^\d+/.exec(text.slice(at, at + 6))?.[0];
    if (digits === undefined) return undefined;
    const start = at + digits.length, end = start + Number(digits);
    if (end > text.length || end === start) return undefined;
    parts.push(text.slice(start, end));
    at = end;
  }
  return parts;
}

function unescaped(part: string): string {
  const begun = part.startsWith("_$") ? part.slice(1) : part;
  return begun.replace(/\$([A-Za-z0-9]+)\$|\.\./g, (whole, name: string | undefined) => {
    if (name === undefined) return "::";
    const point = /^u([0-9a-f]{1,6})$/.exec(name)?.[1], code = point === undefined ? undefined : Number.parseInt(point, 16);
    return SYMBOLS[name] ?? (code !== undefined && code >= 0x20 && code <= 0x10ffff ? String.fromCodePoint(code) : whole);
  });
}

/** A function's name for people: paths of Rust without their hash, others as they are. */
export function demangled(name: string): string {
  const parts = partsOf(MANGLED.exec(name)?.[1] ?? "");
  if (parts === undefined || parts.length === 0) return name;
  return (HASH.test(parts.at(-1)!) ? parts.slice(0, -1) : parts).map(unescaped).join("::");
}
