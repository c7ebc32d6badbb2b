import { createRequire } from "node:module";
import type { Document } from "yaml";
import { ERRORS } from "../errors/catalogue.ts";
import { IcxError } from "../errors/icxError.ts";
import { nearest } from "../errors/nearest.ts";

const require = createRequire(import.meta.url);
/** Seventy files: loaded with the first manifest, since not every command reads one. */
const yaml = (): typeof import("yaml") => require("yaml") as typeof import("yaml");

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
  optionalFlag(): boolean | undefined;
  /** Refuses keys that are not among the known ones; with a list for notes they are told there instead, or those alone that look like a slip. */
  only(known: readonly string[], notes?: string[], slipsOnly?: boolean): void;
  /** Where it stands, for an error of another kind. */
  place(): { readonly file: string; readonly line: number };
  fail(problem: string): IcxError;
}

/** Parses YAML (of which JSON is a part). @throws IcxError ICX1003 with the line. */
export function parseManifest(file: string, source: string): ManifestNode {
  const { LineCounter, parseDocument } = yaml(), lines = new LineCounter(), document = parseDocument(source, { lineCounter: lines, prettyErrors: false, schema: "core", intAsBigInt: true });
  const placeOf = (offset: number): Place => ({ file, line: lines.linePos(offset).line });
  const refuse = (offset: number, problem: string, cause?: unknown): IcxError => new IcxError(ERRORS.project.invalidManifest, { ...placeOf(offset), problem }, { cause });
  const [broken] = document.errors;
  if (broken !== undefined) throw refuse(broken.pos[0], broken.message, broken);
  try {
    return node({ document, placeOf }, document.toJS({ maxAliasCount: ALIASES_MAX }), []);
  } catch (cause) {
    if (cause instanceof IcxError) throw cause;
    throw refuse(0, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

const ALIASES_MAX = 100; // a few lines of aliases of aliases are gigabytes when written out

interface Place { readonly file: string; readonly line: number }
interface Source { readonly document: Document; readonly placeOf: (offset: number) => Place }

function node(source: Source, value: unknown, path: readonly (string | number)[]): ManifestNode {
  const name = path.length === 0 ? "The file" : `\`${path.map((part) => (typeof part === "number" ? `[${part}]` : `.${part}`)).join("").replace(/^\./, "")}\``;
  const placed = (at: readonly (string | number)[]): Place => source.placeOf(offsetOf(source.document, at));
  const fail = (problem: string): IcxError => new IcxError(ERRORS.project.invalidManifest, { ...placed(path), problem: `${name} ${problem}.` });
  const absent = value === undefined || value === null, mapping = (): Readonly<Record<string, unknown>> => {
    if (absent) return {};
    if (typeof value !== "object" || Array.isArray(value)) throw fail("must be a mapping");
    return value as Readonly<Record<string, unknown>>;
  };
  const optionalText = (): string | undefined => {
    if (absent) return undefined;
    if (typeof value === "string") return value;
    if (typeof value === "bigint" || typeof value === "number" || typeof value === "boolean") return asWritten(source.document, path) ?? String(value);
    throw fail("must be a text");
  };
  return {
    value, fail, optionalText, place: () => placed(path),
    optionalFlag: () => { if (absent) return undefined; if (typeof value !== "boolean") throw fail("must be `true` or `false`"); return value; },
    only: (known, notes, slipsOnly = false) => {
      for (const key of Object.keys(mapping())) {
        if (known.includes(key)) continue;
        const meant = nearest(key, known), problem = `\`${key}\` is not known here${meant === undefined ? "" : `; did you mean \`${meant}\`?`}`, { file, line } = keyPlace(source, path, key);
        if (notes === undefined) throw new IcxError(ERRORS.project.invalidManifest, { file, line, problem: meant === undefined ? `${problem}; known are ${known.map((name) => `\`${name}\``).join(", ")}.` : problem });
        if (meant !== undefined || !slipsOnly) notes.push(`${file}:${line}: ${problem}${meant === undefined ? ", and has no effect." : " It has no effect."}`);
      }
    },
    get: (key) => { const found = mapping(); return node(source, Object.hasOwn(found, key) ? found[key] : undefined, [...path, key]); },
    items: () => { if (absent) return []; if (!Array.isArray(value)) throw fail("must be a list"); return value.map((item: unknown, index) => node(source, item, [...path, index])); },
    entries: () => Object.entries(mapping()).map(([key, item]) => [key, node(source, item, [...path, key])] as const),
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

/** A scalar as it was written: `007` is no 7 where a text is meant. */
function asWritten(document: Document, path: readonly (string | number)[]): string | undefined {
  const found: unknown = document.getIn(path, true);
  return yaml().isScalar(found) ? found.source : undefined;
}

/** Where a key of a mapping stands. */
function keyPlace({ document, placeOf }: Source, path: readonly (string | number)[], key: string): Place {
  const found: unknown = path.length === 0 ? document.contents : document.getIn(path, true);
  const pair = yaml().isMap(found) ? found.items.find((item) => yaml().isScalar(item.key) && item.key.value === key) : undefined;
  return placeOf(yaml().isScalar(pair?.key) && pair.key.range != null ? pair.key.range[0] : offsetOf(document, path));
}

/** Where a place stands in the file; for what is absent (or behind an alias), the nearest place around it. */
function offsetOf(document: Document, path: readonly (string | number)[]): number {
  const found: unknown = path.length === 0 ? document.contents : document.getIn(path, true);
  if (yaml().isNode(found) && found.range !== undefined && found.range !== null) return found.range[0];
  return path.length === 0 ? 0 : offsetOf(document, path.slice(0, -1));
}
