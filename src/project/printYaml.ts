import { createRequire } from "node:module";
import type { Node } from "yaml";
import type { Tagged } from "./effective.ts";

const require = createRequire(import.meta.url);
const isTagged = (value: unknown): value is Tagged => typeof value === "object" && value !== null && Object.keys(value).length === 2 && "tag" in value && "of" in value;

/** YAML of plain values; a tagged one is written with its tag. */
export function printYaml(value: unknown): string {
  const { Document, Pair, Scalar, YAMLMap, YAMLSeq } = require("yaml") as typeof import("yaml");
  const document = new Document();
  const build = (item: unknown): Node => {
    if (isTagged(item)) { const inner = build(item.of); inner.tag = `!${item.tag}`; return inner; }
    if (Array.isArray(item)) { const list = new YAMLSeq(); list.items = item.map(build); return list; }
    if (typeof item === "object" && item !== null) { const map = new YAMLMap(); map.items = Object.entries(item).map(([key, inner]) => new Pair(new Scalar(key), build(inner))); return map; }
    return new Scalar(item);
  };
  document.contents = build(value);
  return document.toString({ indentSeq: false, lineWidth: 0, aliasDuplicateObjects: false } as Parameters<typeof document.toString>[0]).trimEnd();
}
