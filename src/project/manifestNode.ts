import { LineCounter, isMap, isSeq, parseDocument, type Document } from "yaml";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";

/** A place in a manifest. What is read from it is checked; a wrong shape is an error that names file and line. */
export interface ManifestNode {
  readonly value: unknown;
  get(key: string): ManifestNode;
  /** Elements of a list; an absent list is empty. */
  items(): readonly ManifestNode[];
  /** Keys and values of a mapping; an absent mapping is empty. */
  entries(): readonly (readonly [string, ManifestNode])[];
  text(): string;
  optionalText(): string | undefined;
  optionalInteger(): bigint | undefined;
  /** One text or a list of texts. */
  texts(): readonly string[];
  fail(problem: string): IcxError;
}

/** Parses YAML (of which JSON is a part). @throws IcxError ICX1003 with the line. */
export function parseManifest(file: string, source: string): ManifestNode {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false, schema: "core", intAsBigInt: true, maxAliasCount: 100 } as Parameters<typeof parseDocument>[1]);
  const broken = document.errors[0];
  if (broken !== undefined) throw new IcxError(ERRORS.project.invalidManifest, { file, line: lines.linePos(broken.pos[0]).line, problem: broken.message });
  return node(file, document, lines, []);
}

function node(file: string, document: Document, lines: LineCounter, path: readonly (string | number)[]): ManifestNode {
  const raw: unknown = path.length === 0 ? document.contents : document.getIn(path, true);
  const value: unknown = path.length === 0 ? document.toJS() : plain(document.getIn(path));
  const name = path.length === 0 ? "The file" : `\`${path.map((part) => (typeof part === "number" ? `[${part}]` : `.${part}`)).join("").replace(/^\./, "")}\``;
  const fail = (problem: string): IcxError => {
    let at = path, found = raw;
    while (rangeOf(found) === undefined && at.length > 0) { at = at.slice(0, -1); found = at.length === 0 ? document.contents : document.getIn(at, true); }
    return new IcxError(ERRORS.project.invalidManifest, { file, line: lines.linePos(rangeOf(found) ?? 0).line, problem: `${name} ${problem}.` });
  };
  const child = (part: string | number): ManifestNode => node(file, document, lines, [...path, part]);
  const absent = value === undefined || value === null;
  const optionalText = (): string | undefined => {
    if (absent) return undefined;
    if (typeof value === "string") return value;
    if (typeof value === "bigint" || typeof value === "number" || typeof value === "boolean") return String(value);
    throw fail("must be a text");
  };
  return {
    value, fail, optionalText,
    get: (key) => { if (!absent && !isMap(raw)) throw fail("must be a mapping"); return absent ? node(file, document, lines, [...path, key]) : child(key); },
    items: () => { if (absent) return []; if (!isSeq(raw)) throw fail("must be a list"); return raw.items.map((_, index) => child(index)); },
    entries: () => { if (absent) return []; if (!isMap(raw)) throw fail("must be a mapping"); return raw.items.map(({ key }) => { const name = String(key); return [name, child(name)] as const; }); },
    text: () => { const found = optionalText(); if (found === undefined) throw fail("is missing"); return found; },
    optionalInteger: () => {
      if (absent) return undefined;
      const found = typeof value === "bigint" ? value : typeof value === "string" && /^\d[\d_]*$/.test(value) ? BigInt(value.replaceAll("_", "")) : undefined;
      if (found === undefined || found < 0n) throw fail("must be a whole number");
      return found;
    },
    texts: () => {
      if (absent) return [];
      if (Array.isArray(value)) return value.map((item: unknown) => { if (typeof item !== "string") throw fail("must be a list of texts"); return item; });
      return [optionalText()!];
    },
  };
}

const rangeOf = (found: unknown): number | undefined => (found !== null && typeof found === "object" && "range" in found && Array.isArray(found.range) ? (found.range as number[])[0] : undefined);
const plain = (found: unknown): unknown => (found !== null && typeof found === "object" && "toJSON" in found && typeof found.toJSON === "function" ? (found.toJSON as () => unknown)() : found);
